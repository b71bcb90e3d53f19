"""The Python module against the shared library. Usage: batch_test.py (CAUSEWAY_SOURCE, CAUSEWAY_LIBRARY, PYTHONPATH set)."""
import os
import unittest

import numpy as np

import causeway

TOWN = os.path.join(os.environ["CAUSEWAY_SOURCE"], "scenes", "town.xodr")


def town(**options):
    options = {"worlds": 3, "agents": (4, 8), "observation": "compact", **options}
    return causeway.Batch.spawn(TOWN, **options)


class BatchTest(unittest.TestCase):
    def test_steps_write_the_same_arrays(self):
        envs = town()
        observations, infos = envs.reset()
        self.assertEqual(observations.shape, (envs.num_envs, 250))
        self.assertTrue(infos["first"].all() and infos["active"].all())
        before = observations.copy()
        envs.actions[:, 0] = 1
        again, rewards, terminations, truncations, _ = envs.step(envs.actions)
        self.assertIs(again, observations)
        self.assertFalse(np.array_equal(before, again))
        self.assertEqual((rewards.shape, terminations.dtype, truncations.dtype), ((envs.num_envs,), bool, bool))
        np.testing.assert_array_equal(again[:, 14], 1)  # last_accel

    def test_repeats(self):
        hashes = []
        for threads in (1, 2, 7):
            envs = town(threads=threads)
            rng = np.random.default_rng(7)
            envs.reset()
            for _ in range(20):
                envs.step(rng.uniform(-1, 1, (envs.num_envs, 2)))
            hashes.append(envs.hash())
        self.assertEqual(hashes[0], hashes[1])
        self.assertEqual(hashes[0], hashes[2])

    def test_autoreset(self):
        envs = town(horizon=4, autoreset="SameStep", on_contact="ignore", on_offroad="ignore", on_goal="ignore")
        first = envs.reset()[0].copy()
        for step in range(4):
            observations, _, _, truncations, infos = envs.step(envs.actions)
            self.assertEqual(truncations.all(), step == 3)
        np.testing.assert_array_equal(first, observations)
        self.assertFalse(np.array_equal(infos["final_obs"], observations))
        envs = town(horizon=2, autoreset="Disabled")
        envs.reset()
        envs.step(envs.actions), envs.step(envs.actions)
        mask = np.zeros(envs.num_envs, bool)
        mask[:envs.first[1]] = True
        infos = envs.reset(options={"reset_mask": mask})[1]
        np.testing.assert_array_equal(infos["active"], mask)
        mask[0] = False
        with self.assertRaisesRegex(ValueError, "start together"):
            envs.reset(options={"reset_mask": mask})

    def test_discrete(self):
        envs = town(discrete=(3, 5))
        envs.reset()
        envs.step(np.full(envs.num_envs, 14))
        np.testing.assert_array_equal(envs.observations[:, 14:16], 1)
        envs.step(np.full(envs.num_envs, 15))
        self.assertEqual(envs.fault(0), "action beyond its limits or no number: actor 0")

    def test_a_restored_batch_goes_on(self):
        envs, hashes, state = town(), [], None
        envs.reset()
        rng = np.random.default_rng(2)
        actions = rng.uniform(-1, 1, (12, *envs.actions.shape)).astype(np.float32)
        for k in range(12):
            if k == 5:
                state = envs.save()
            envs.step(actions[k])
            hashes.append(envs.hash())
        envs.restore(state)
        for k in range(5, 12):
            envs.step(actions[k])
            self.assertEqual(envs.hash(), hashes[k])
        with self.assertRaisesRegex(causeway.CausewayError, "no snapshot"):
            envs.restore(state[:-1])

    def test_a_scenario_file(self):
        path = os.path.join(os.environ["CAUSEWAY_SOURCE"], "scenes", "crossing.xml")
        envs = causeway.Batch(path, worlds=2)
        observations, _ = envs.reset()
        self.assertTrue(envs.num_envs >= 2 and np.isfinite(observations).all())

    def test_errors_are_the_librarys(self):
        with self.assertRaisesRegex(causeway.CausewayError, "nowhere.xodr"):
            causeway.Batch("nowhere.xodr")
        with self.assertRaisesRegex(causeway.CausewayError, "only [0-9]+ of 4000 cars"):
            town(agents=4000)
        with self.assertRaisesRegex(TypeError, "colour"):
            town(colour=1)
        envs = town()
        envs.reset()
        with self.assertRaisesRegex(ValueError, "shape"):
            envs.step(np.zeros((1, 2)))
        envs.close()
        with self.assertRaisesRegex(causeway.CausewayError, "closed"):
            envs.step(envs.actions)

    def test_layout(self):
        fields = causeway.layout()
        self.assertEqual([f["name"] for f in fields if f["section"] == "user"],
                         ["x", "y", "heading", "speed", "length", "width", "kind"])


if __name__ == "__main__":
    unittest.main()
