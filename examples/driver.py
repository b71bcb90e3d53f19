"""A driver as a class: follows its lane and keeps a distance to whoever is ahead in it. The evaluator does the rest.
  causeway drive scenes/cut_in.xosc --driver examples/driver.py"""

class Driver:
    def decide(self, obs):
        v, way = obs["ego"]["speed_mps"], obs["ahead"]
        if len(way["x_m"]) < 2:
            return None  # off the map: the evaluator goes on with its fail-safe
        accel = min(1.0, 0.5 * ((obs["mission"]["set_speed_mps"] or way["limit_mps"] or 15) - v))
        for t in obs["tracks"]:
            if t["x_m"] > 0 and t["lane"] in way["lane"]:  # gap to grow to 1.5 s, speeds to become equal
                gap = t["x_m"] - t["length_m"] / 2 - 4
                accel = max(-5.0, min(accel, 0.3 * (gap - 2 - 1.5 * v) + 0.8 * (t["vx_mps"] - v)))
        answer, gone = {"x_m": [], "y_m": [], "speed_mps": []}, 0.0
        for _ in range(64):  # along the middle of the lane, a point each 0.1 s
            v = max(v + 0.1 * accel, 0.0)
            gone += 0.1 * v
            i = min(int(gone / way["step_m"]), len(way["x_m"]) - 2)
            for axis in ("x_m", "y_m"):
                answer[axis].append(way[axis][i] + (gone / way["step_m"] - i) * (way[axis][i + 1] - way[axis][i]))
            answer["speed_mps"].append(v)
        return answer
