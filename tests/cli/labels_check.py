"""A data set of `causeway render --labels` has the published tables, whole; its numbers fit each other, and repeat.
Usage: labels_check.py PROGRAM SOURCE_ROOT"""
import json
import os
import struct
import subprocess
import sys
import tempfile
import zlib

PROGRAM, ROOT = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
# Field lists of the development kit's schema_nuscenes.md.
FIELDS = {
    "attribute": "token name description",
    "calibrated_sensor": "token sensor_token translation rotation camera_intrinsic",
    "category": "token name description index",
    "ego_pose": "token translation rotation timestamp",
    "instance": "token category_token nbr_annotations first_annotation_token last_annotation_token",
    "log": "token logfile vehicle date_captured location",
    "map": "token log_tokens category filename",
    "sample": "token timestamp scene_token next prev",
    "sample_annotation": "token sample_token instance_token attribute_tokens visibility_token translation size rotation "
                         "num_lidar_pts num_radar_pts next prev",
    "sample_data": "token sample_token ego_pose_token calibrated_sensor_token filename fileformat width height timestamp "
                   "is_key_frame next prev",
    "scene": "token name description log_token nbr_samples first_sample_token last_sample_token",
    "sensor": "token channel modality",
    "visibility": "token level description",
}
LISTS = {"translation": 3, "rotation": 4, "size": 3}
POINTS_TO = {"first_annotation_token": "sample_annotation", "last_annotation_token": "sample_annotation",
             "first_sample_token": "sample", "last_sample_token": "sample"}


def read_png(path):
    """Width, height and rows of numbers, the channels of a pixel one after another."""
    data = open(path, "rb").read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", path
    at, packed = 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IHDR":
            width, height, bits, colour = struct.unpack(">IIBB", data[at + 8:at + 18])
        if kind == b"IDAT":
            packed += data[at + 8:at + 8 + size]
        at += size + 12
    channels, deep = {0: 1, 2: 3}[colour], bits // 8
    raw, step, rows = zlib.decompress(packed), channels * deep, []
    before = bytes(width * step)
    for y in range(height):
        line = bytearray(raw[y * (width * step + 1):(y + 1) * (width * step + 1)])
        how, line = line[0], line[1:]
        for i in range(len(line)) if how else ():
            a, b = line[i - step] if i >= step else 0, before[i]
            c = before[i - step] if i >= step else 0
            if how == 4:
                guess = a + b - c
                near = min((abs(guess - a), 0, a), (abs(guess - b), 1, b), (abs(guess - c), 2, c))[2]
            else:
                near = (0, a, b, (a + b) // 2)[how]
            line[i] = (line[i] + near) & 255
        before = bytes(line)
        rows.append(list(before) if deep == 1 else list(struct.unpack(f">{width * channels}H", before)))
    return width, height, rows


def rotated(q, v, back=False):
    w, x, y, z = q
    m = [[1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
         [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
         [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)]]
    if back:
        m = list(zip(*m))
    return [sum(row[k] * v[k] for k in range(3)) for row in m]


def out_of(row, v):  # a frame's point in the frame around
    return [a + b for a, b in zip(row["translation"], rotated(row["rotation"], v))]


def into(row, v):
    return rotated(row["rotation"], [a - b for a, b in zip(v, row["translation"])], True)


def render(folder, threads):
    done = subprocess.run([PROGRAM, "render", os.path.join(ROOT, "scenes", "town.xosc"), "--duration", "8", "--from", "6.5",
                           "--fps", "2", "--grade", "training", "--size", "160x96", "--threads", str(threads), "--quiet",
                           "--labels", folder], capture_output=True, text=True, check=False)
    if done.returncode == 4:
        print("no Embree: no cameras")
        sys.exit(77)
    assert done.returncode == 0, done.stderr


def check_tables(folder):
    place = os.path.join(folder, "v1.0-causeway")
    assert sorted(os.listdir(place)) == sorted(name + ".json" for name in FIELDS), os.listdir(place)
    tables = {name: json.load(open(os.path.join(place, name + ".json"), encoding="utf-8")) for name in FIELDS}
    rows = {name: {row["token"]: row for row in table} for name, table in tables.items()}
    for name, table in tables.items():
        assert table and len(rows[name]) == len(table), f"{name}: empty, or a token twice"
        for row in table:
            assert sorted(row) == sorted(FIELDS[name].split()), f"{name}: {sorted(row)}"
            assert name == "visibility" or (len(row["token"]) == 32 and int(row["token"], 16) >= 0), row
            for key, value in row.items():
                if key in LISTS:
                    assert len(value) == LISTS[key] and all(isinstance(n, (int, float)) for n in value), row
                elif key in ("next", "prev"):
                    assert value == "" or value in rows[name], (name, row)
                elif key.endswith("_token"):
                    assert value in rows[POINTS_TO.get(key, key[:-6])], (name, key, row)
                elif key.endswith("_tokens"):
                    assert all(one in rows[key[:-7]] for one in value), (name, key, row)
            if "rotation" in row:
                assert abs(sum(n * n for n in row["rotation"]) - 1) < 1e-6, row
            if row.get("next"):
                assert rows[name][row["next"]]["prev"] == row["token"], (name, row)
            if "filename" in row:
                assert os.path.getsize(os.path.join(folder, row["filename"])) > 0, row
    for one in tables["instance"]:
        own = [a for a in tables["sample_annotation"] if a["instance_token"] == one["token"]]
        assert len(own) == one["nbr_annotations"] and own[0]["token"] == one["first_annotation_token"], one
    assert len(tables["sample"]) == tables["scene"][0]["nbr_samples"] == 4
    return tables, rows


def inside(box, v, more):
    x, y, z = into(box, v)
    width, length, height = box["size"]
    return abs(x) < length / 2 + more and abs(y) < width / 2 + more and abs(z) < height / 2 + more


def check_geometry(folder, tables, rows):
    points_checked = pixels_checked = 0
    for data in tables["sample_data"]:
        sensor, ego = rows["calibrated_sensor"][data["calibrated_sensor_token"]], rows["ego_pose"][data["ego_pose_token"]]
        boxes = [a for a in tables["sample_annotation"] if a["sample_token"] == data["sample_token"]]
        path = os.path.join(folder, data["filename"])
        if data["fileformat"] == "pcd":
            raw = open(path, "rb").read()
            assert len(raw) % 20 == 0 and len(raw) > 20000
            points = [out_of(ego, out_of(sensor, p[:3])) for p in struct.iter_unpack("<5f", raw)]
            for box in boxes:  # the LiDAR's points on a road user lie in its box
                near = [p for p in points if max(abs(a - b) for a, b in zip(p, box["translation"])) < 12]
                held = sum(inside(box, p, 0.25) for p in near)
                assert held >= box["num_lidar_pts"] * 0.97, (box, held)
                points_checked += box["num_lidar_pts"]
            continue
        width, height, _ = read_png(path)
        assert (width, height) == (data["width"], data["height"]), data
        channel = os.path.basename(os.path.dirname(path))
        label = path.replace("samples", "labels")[:-4]
        depth, instance = read_png(label + "_depth.png")[2], read_png(label + "_instance.png")[2]
        kinds = read_png(label + "_class.png")[2]
        assert max(max(row) for row in kinds) < 28, channel
        (fx, _, cx), (_, fy, cy), _ = sensor["camera_intrinsic"]
        for box in boxes:  # the middle of a body that is seen whole is behind its surface
            x, y, z = into(sensor, into(ego, box["translation"]))
            if box["visibility_token"] != "4" or z < 3:
                continue
            u, v = int(fx * x / z + cx), int(fy * y / z + cy)
            if 0 <= u < width and 0 <= v < height and instance[v][u] > 0:
                half = sum(n * n for n in box["size"]) ** 0.5 / 2
                assert z - half < depth[v][u] / 100 < z + half, (channel, box, depth[v][u])
                pixels_checked += 1
    assert points_checked > 200 and pixels_checked > 8, (points_checked, pixels_checked)
    levels = {a["visibility_token"] for a in tables["sample_annotation"]}
    assert {"1", "4"} <= levels, levels  # some hide behind others


def check_mask(folder, tables):
    _, height, rows = read_png(os.path.join(folder, tables["map"][0]["filename"]))
    for pose in tables["ego_pose"]:  # ten pixels a metre, the origin below on the left
        x, y, _ = pose["translation"]
        assert rows[height - 1 - int(10 * y)][int(10 * x)] == 255, pose


def main():
    with tempfile.TemporaryDirectory() as work:
        first, second = os.path.join(work, "one"), os.path.join(work, "two")
        render(first, 1)
        render(second, 3)
        tables, rows = check_tables(first)
        check_geometry(first, tables, rows)
        check_mask(first, tables)
        for folder, _, files in os.walk(first):
            for name in files:
                path = os.path.join(folder, name)
                assert open(path, "rb").read() == open(path.replace(first, second, 1), "rb").read(), path


main()
