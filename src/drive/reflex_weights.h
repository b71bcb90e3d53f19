// The weights that ship with the program: models/reflex.safetensors, embedded by src/embed.sh.
#ifndef CW_DRIVE_REFLEX_WEIGHTS_H
#define CW_DRIVE_REFLEX_WEIGHTS_H

extern const char reflex_weights[];
extern const unsigned long reflex_weights_size; // bytes

#endif
