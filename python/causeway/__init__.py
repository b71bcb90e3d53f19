"""Causeway for learners: many driving worlds as one vector environment, over the shared library (ctypes and NumPy alone).

    import causeway
    envs = causeway.Batch.spawn("scenes/town.xodr", worlds=16, agents=(5, 12), seed=1)
    observations, infos = envs.reset()
    observations, rewards, terminations, truncations, infos = envs.step(actions)

The calls are those of gymnasium.vector.VectorEnv; each agent of each world is one environment. The arrays returned are the
library's own buffers, written anew by the next call: copy what is to be kept.
"""

import ctypes as c
import os
import pathlib

import numpy as np

__all__ = ["Batch", "CausewayError", "layout"]


class CausewayError(Exception):
    """What the library says of bad input: "file:line:column: error: text"."""


class _Error(c.Structure):
    _fields_ = [("code", c.c_int), ("line", c.c_int), ("column", c.c_int), ("path", c.c_char * 256),
                ("text", c.c_char * 256)]


_OPEN = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_size_t, c.POINTER(c.c_void_p), c.POINTER(_Error))
_NAME = c.CFUNCTYPE(c.c_void_p, c.c_void_p, c.c_size_t)


class _Source(c.Structure):
    _fields_ = [("context", c.c_void_p), ("count", c.c_size_t), ("open", _OPEN), ("name", _NAME)]


class _Spawn(c.Structure):
    _fields_ = [("cookie", c.c_uint32), ("seed", c.c_uint64), ("count", c.c_uint32), ("count_most", c.c_uint32),
                ("x", c.c_double), ("y", c.c_double), ("radius", c.c_double), ("gap", c.c_double),
                ("goal_near", c.c_double), ("goal_far", c.c_double), ("speed_share", c.c_double)]


class _Vector(c.Structure):
    _fields_ = [("cookie", c.c_uint32), ("ego", c.c_uint32), ("users", c.c_uint32), ("road", c.c_uint32),
                ("signals", c.c_uint32), ("road_range", c.c_float), ("kernel", c.c_uint8)]


class _Reward(c.Structure):
    _fields_ = [("progress", c.c_float), ("contact", c.c_float), ("offroad", c.c_float), ("goal", c.c_float)]


class _Def(c.Structure):
    _fields_ = [("cookie", c.c_uint32), ("source", c.POINTER(_Source)), ("worlds", c.c_uint32), ("seed", c.c_uint64),
                ("dt_ns", c.c_int64), ("horizon", c.c_uint32), ("kinematic", c.c_bool), ("autoreset", c.c_uint8),
                ("control", c.c_uint8), ("on_contact", c.c_uint8), ("on_offroad", c.c_uint8), ("on_goal", c.c_uint8),
                ("goal_radius", c.c_float), ("reward", _Reward), ("actions", c.c_uint8), ("accel_count", c.c_uint32),
                ("steer_count", c.c_uint32), ("observation", c.POINTER(_Vector)), ("threads", c.c_int)]


class _Buffers(c.Structure):
    _fields_ = [(name, c.c_void_p) for name in ("actions", "choices", "observations", "rewards", "terminations",
                                                "truncations", "infos", "final_observations")]


class _Field(c.Structure):
    _fields_ = [("section", c.c_uint8), ("name", c.c_char_p), ("unit", c.c_char_p), ("scale", c.c_float),
                ("text", c.c_char_p)]


_INFO = np.dtype([("world", "u4"), ("actor", "u4"), ("episode", "u4"), ("steps", "u4"), ("episode_return", "f4"),
                  ("route_s", "f4"), ("goal_distance", "f4"), ("end", "u1"), ("events", "u1"), ("active", "?"),
                  ("first", "?")])
_AUTORESET = ("NextStep", "SameStep", "Disabled")  # gymnasium.vector.AutoresetMode's values
_EVENT = {"stop": 0, "remove": 1, "ignore": 2}
_CONTROL = {"vehicles": 0, "ego": 1, "goals": 2, "all": 3}


def _load():
    name = os.environ.get("CAUSEWAY_LIBRARY")
    built = pathlib.Path(__file__).resolve().parents[2] / "build" / "libcauseway.so"
    lib = c.CDLL(name or (str(built) if built.exists() else "libcauseway.so.0"))
    pointer, u32, error = c.c_void_p, c.c_uint32, c.POINTER(_Error)
    for function, result, *arguments in (
            ("cw_error_print", c.c_size_t, error, c.c_char_p, c.c_size_t),
            ("cw_scene_read_file", c.c_int, c.c_char_p, pointer, c.POINTER(pointer), error),
            ("cw_spawn_defaults", _Spawn),
            ("cw_spawn_source_new", c.c_int, c.POINTER(_Spawn), pointer, c.c_size_t,
             c.POINTER(c.POINTER(_Source)), error),
            ("cw_spawn_source_free", None, c.POINTER(_Source)),
            ("cw_vector_full", _Vector), ("cw_vector_compact", _Vector),
            ("cw_vector_fields", c.POINTER(_Field), c.POINTER(u32)),
            ("cw_batch_defaults", _Def, c.POINTER(_Source)),
            ("cw_batch_new", c.c_int, c.POINTER(_Def), c.POINTER(pointer), error),
            ("cw_batch_free", None, pointer), ("cw_batch_worlds", u32, pointer), ("cw_batch_agents", u32, pointer),
            ("cw_batch_floats", u32, pointer), ("cw_batch_layout_hash", c.c_uint64, pointer),
            ("cw_batch_first", u32, pointer, u32), ("cw_batch_set_buffers", None, pointer, c.POINTER(_Buffers)),
            ("cw_batch_reset", None, pointer, pointer), ("cw_batch_step", None, pointer),
            ("cw_batch_state_size", c.c_size_t, pointer), ("cw_batch_save", None, pointer, pointer),
            ("cw_batch_restore", c.c_int, pointer, pointer, c.c_size_t, error),
            ("cw_batch_fault", c.c_char_p, pointer, u32), ("cw_batch_hash", c.c_uint64, pointer)):
        f = getattr(lib, function)
        f.restype, f.argtypes = result, arguments
    return lib


_lib = _load()


def _check(status, err):
    if status != 0:
        text = c.create_string_buffer(700)
        _lib.cw_error_print(c.byref(err), text, len(text))
        raise CausewayError(text.value.decode(errors="replace"))


def layout():
    """The observation's fields: a list of dicts with section, name, unit, scale, text."""
    count = c.c_uint32()
    fields = _lib.cw_vector_fields(c.byref(count))
    sections = ("ego", "user", "road", "signal")
    return [{"section": sections[f.section], "name": f.name.decode(), "unit": f.unit.decode(), "scale": f.scale,
             "text": f.text.decode()} for f in fields[:count.value]]


def _space(low, high, shape):
    """A gymnasium Box where gymnasium is at hand, else a dict that says the same."""
    try:
        from gymnasium.spaces import Box
        return Box(low, high, shape, np.float32)
    except ImportError:
        return {"type": "Box", "low": low, "high": high, "shape": shape, "dtype": np.float32}


def _discrete(n, count):
    try:
        from gymnasium.spaces import Discrete, MultiDiscrete
        return MultiDiscrete([n] * count) if count else Discrete(n)
    except ImportError:
        return {"type": "MultiDiscrete" if count else "Discrete", "n": n, "shape": (count,) if count else ()}


class Batch:
    """Worlds stepped together; one environment for each agent.

    files: scenario or map files, one scene each. worlds: how many worlds (default one for each scene).
    observation: "full", "compact", or a dict with ego, users, road, signals, road_range. discrete: (accelerations, angles)
    or None for continuous actions in [-1, 1] (n, 2). on_contact, on_offroad, on_goal: "stop", "remove", "ignore". reward: a
    dict with progress, contact, offroad, goal. autoreset: "NextStep", "SameStep", "Disabled". control: "vehicles", "ego",
    "goals", "all" (walkers and animals too).
    """

    def __init__(self, files, **options):
        paths = [os.fsencode(f) for f in ([files] if isinstance(files, (str, os.PathLike)) else files)]

        @_OPEN
        def open_scene(_, index, scene, err):
            return _lib.cw_scene_read_file(paths[index], None, scene, err)

        self._keep = (paths, open_scene, source := _Source(None, len(paths), open_scene, _NAME()))
        self._make(c.pointer(source), **options)

    @classmethod
    def spawn(cls, file, worlds=1, agents=20, spawn=None, **options):
        """Cars on the lanes of a map, a scene for each world. agents: how many, or (fewest, most). spawn: a dict with seed, x,
        y, radius, gap, goal_near, goal_far, speed_share."""
        scene, err, source = c.c_void_p(), _Error(), c.POINTER(_Source)()
        _check(_lib.cw_scene_read_file(os.fsencode(file), None, c.byref(scene), c.byref(err)), err)
        definition = _lib.cw_spawn_defaults()
        definition.count, definition.count_most = agents if isinstance(agents, tuple) else (agents, 0)
        definition.seed = options.get("seed", 1)
        _set(definition, spawn or {})
        _check(_lib.cw_spawn_source_new(c.byref(definition), scene, worlds, c.byref(source), c.byref(err)), err)
        self = cls.__new__(cls)
        self._spawned = source
        self._make(source, **options)
        return self

    _spawned = _batch = None

    def _make(self, source, worlds=None, seed=1, observation="full", discrete=None, threads=1, autoreset="NextStep",
              control="vehicles", on_contact="stop", on_offroad="remove", on_goal="remove", reward=None, **numbers):
        definition = _lib.cw_batch_defaults(source)
        if (definition.horizon, definition.accel_count, definition.threads) != (91, 7, 1):
            raise CausewayError("the library and this module are of different versions")
        vector = _lib.cw_vector_compact() if observation == "compact" else _lib.cw_vector_full()
        if isinstance(observation, dict):
            _set(vector, observation)
        elif observation not in ("full", "compact"):
            raise ValueError(f"observation: {observation!r}")
        definition.worlds = worlds or definition.worlds
        definition.seed, definition.threads, definition.observation = seed, threads, c.pointer(vector)
        definition.autoreset, definition.control = _AUTORESET.index(autoreset), _CONTROL[control]
        definition.on_contact, definition.on_offroad, definition.on_goal = (
            _EVENT[on_contact], _EVENT[on_offroad], _EVENT[on_goal])
        if discrete:
            definition.actions, (definition.accel_count, definition.steer_count) = 1, discrete
        _set(definition.reward, reward or {})
        _set(definition, numbers)
        batch, err = c.c_void_p(), _Error()
        _check(_lib.cw_batch_new(c.byref(definition), c.byref(batch), c.byref(err)), err)
        self._batch = batch
        self.num_envs = n = _lib.cw_batch_agents(batch)
        self.num_worlds = _lib.cw_batch_worlds(batch)
        self.first = np.array([_lib.cw_batch_first(batch, w) for w in range(self.num_worlds + 1)])
        floats = _lib.cw_batch_floats(batch)
        self.metadata = {"autoreset_mode": _mode(autoreset), "layout_hash": _lib.cw_batch_layout_hash(batch)}
        self.observations = np.zeros((n, floats), np.float32)
        self.final_observations = np.zeros((n, floats), np.float32)
        self.rewards = np.zeros(n, np.float32)
        self.terminations, self.truncations = np.zeros(n, bool), np.zeros(n, bool)
        self.infos = np.zeros(n, _INFO)
        self.actions = np.zeros(n, np.int32) if discrete else np.zeros((n, 2), np.float32)
        at = lambda array: array.ctypes.data
        _lib.cw_batch_set_buffers(batch, c.byref(_Buffers(
            None if discrete else at(self.actions), at(self.actions) if discrete else None, at(self.observations),
            at(self.rewards), at(self.terminations), at(self.truncations), at(self.infos),
            at(self.final_observations))))
        self.single_observation_space = _space(-np.inf, np.inf, (floats,))
        self.observation_space = _space(-np.inf, np.inf, (n, floats))
        if discrete:
            choices = discrete[0] * discrete[1]
            self.single_action_space, self.action_space = _discrete(choices, 0), _discrete(choices, n)
        else:
            self.single_action_space, self.action_space = _space(-1, 1, (2,)), _space(-1, 1, (n, 2))

    def reset(self, *, seed=None, options=None):
        """Starts again, all or those of options["reset_mask"] (num_envs booleans, the same for all agents of a world).

        Scenes are what they were made as: seed None or the one the batch was made with."""
        self._open()
        mask = None
        if options and options.get("reset_mask") is not None:
            chosen = np.asarray(options["reset_mask"], bool)
            if chosen.shape != (self.num_envs,):
                raise ValueError(f"reset_mask has the shape {chosen.shape}, not ({self.num_envs},)")
            mask = np.array([chosen[a:b].any() for a, b in zip(self.first, self.first[1:])], np.uint8)
            if not np.array_equal(np.repeat(mask.astype(bool), np.diff(self.first)), chosen):
                raise ValueError("reset_mask: the agents of a world start together")
        _lib.cw_batch_reset(self._batch, None if mask is None else mask.ctypes.data)
        return self.observations, self._infos()

    def step(self, actions):
        """One step of all worlds. `actions` may be self.actions itself, written in place: then nothing is copied."""
        self._open()
        if actions is not self.actions:
            actions = np.asarray(actions)
            if actions.shape != self.actions.shape:
                raise ValueError(f"actions have the shape {actions.shape}, not {self.actions.shape}")
            self.actions[...] = actions
        _lib.cw_batch_step(self._batch)
        return self.observations, self.rewards, self.terminations, self.truncations, self._infos()

    def save(self):
        """Every world mid-run with its episode, as an array of bytes for restore()."""
        self._open()
        state = np.empty(_lib.cw_batch_state_size(self._batch), np.uint8)
        _lib.cw_batch_save(self._batch, state.ctypes.data)
        return state

    def restore(self, state):
        """Goes on from what save() gave, here or in a batch made the same way. Rows stay as they are until the next step."""
        self._open()
        state, err = np.ascontiguousarray(state, np.uint8), _Error()
        _check(_lib.cw_batch_restore(self._batch, state.ctypes.data, state.size, c.byref(err)), err)

    def fault(self, world):
        """Why the world's last episode ended in a fault; None: it did not."""
        self._open()
        if not 0 <= world < self.num_worlds:
            raise IndexError(f"world {world} of {self.num_worlds}")
        text = _lib.cw_batch_fault(self._batch, world)
        return text.decode() if text else None

    def hash(self):
        """Of the state of every world and the rows written."""
        self._open()
        return _lib.cw_batch_hash(self._batch)

    def close(self):
        if self._batch:
            _lib.cw_batch_free(self._batch)
            self._batch = None
        if self._spawned:
            _lib.cw_spawn_source_free(self._spawned)
            self._spawned = None

    __del__ = close

    def _open(self):
        if not self._batch:
            raise CausewayError("the batch is closed")

    def _infos(self):
        infos = {name: self.infos[name] for name in _INFO.names}
        infos["final_obs"] = self.final_observations
        return infos


def _set(struct, values):
    known = {name for name, *_ in struct._fields_} - {"cookie"}
    for name, value in values.items():
        if name not in known:
            raise TypeError(f"no such option: {name}")
        setattr(struct, name, value)


def _mode(name):
    try:
        from gymnasium.vector import AutoresetMode
        return AutoresetMode(name)
    except ImportError:
        return name
