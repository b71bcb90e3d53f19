// What runs a driver's class in Python: python/causeway/runner.py, embedded by src/embed.sh.
#ifndef CW_DRIVE_RUNNER_H
#define CW_DRIVE_RUNNER_H

extern const char runner_source[]; // terminated

#endif
