"""Random search for a linear policy that drives on: `PYTHONPATH=python python3 examples/learn.py`, after ./run build."""
import numpy as np

import causeway

envs = causeway.Batch.spawn("scenes/town.xodr", worlds=16, agents=(5, 12), observation="compact", autoreset="SameStep")
rng = np.random.default_rng(1)


def score(weights):
    """Mean return of an agent in one episode."""
    observations, _ = envs.reset()
    total = 0
    for _ in range(91):
        np.clip(observations @ weights, -1, 1, out=envs.actions)
        observations, rewards, *_ = envs.step(envs.actions)
        total += rewards.sum()
    return total / envs.num_envs


best = np.zeros((envs.single_observation_space["shape"][0] if isinstance(envs.single_observation_space, dict)
                 else envs.single_observation_space.shape[0], 2), np.float32)
best_score = score(best)
for round in range(30):
    tried = best + rng.normal(0, 0.05, best.shape).astype(np.float32)
    tried_score = score(tried)
    if tried_score > best_score:
        best, best_score = tried, tried_score
    print(f"round {round}: best mean return {best_score:.3f} of {envs.num_envs} agents")
