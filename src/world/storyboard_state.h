// The storyboard's own rows of the world's state. This file belongs to the storyboard (storyboard*.c, action*.c, ...);
// state.h splices its rows into the one table.
//
// A row is X(field, C type, CW_T_* of that type, CW_PER_* items, values per item, unit). It becomes `C type *field` in
// cw_state, of items x values, zero at creation. No pointers: state is saved, restored and hashed as bytes.
#ifndef CW_WORLD_STORYBOARD_STATE_H
#define CW_WORLD_STORYBOARD_STATE_H

#define CW_STORYBOARD_ROWS(X)                                                                                          \
    X(story_state, uint8_t, CW_T_U8, CW_PER_STORY, 1, "")                                                              \
    X(act_state, uint8_t, CW_T_U8, CW_PER_ACT, 1, "")                                                                  \
    X(group_state, uint8_t, CW_T_U8, CW_PER_GROUP, 1, "")                                                              \
    X(maneuver_state, uint8_t, CW_T_U8, CW_PER_MANEUVER, 1, "")                                                        \
    X(event_state, uint8_t, CW_T_U8, CW_PER_EVENT, 1, "")                                                              \
    X(event_runs, uint32_t, CW_T_U32, CW_PER_EVENT, 1, "")                                                             \
    X(action_state, uint8_t, CW_T_U8, CW_PER_INSTANCE, 1, "")                                                          \
    X(action_start, int64_t, CW_T_I64, CW_PER_INSTANCE, 1, "ns")                                                       \
    X(condition_was, uint8_t, CW_T_U8, CW_PER_WATCH, 1, "")                                                            \
    X(variable_number, double, CW_T_F64, CW_PER_VARIABLE, 1, "")

// Item groups of the storyboard's own beyond those of state.h: number them from CW_PER_STORYBOARD on; their counts come
// from cw_storyboard_items().
// enum { CW_PER_EXAMPLE = CW_PER_STORYBOARD };

#endif
