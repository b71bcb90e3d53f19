// The storyboard's own rows of the world's state. This file belongs to the storyboard (storyboard*.c, action*.c, ...);
// state.h splices its rows into the one table.
//
// A row is X(field, C type, CW_T_* of that type, CW_PER_* items, values per item, unit). It becomes `C type *field` in
// cw_state, of items x values, zero at creation. No pointers: state is saved, restored and hashed as bytes.
#ifndef CW_WORLD_STORYBOARD_STATE_H
#define CW_WORLD_STORYBOARD_STATE_H

#define CW_STORYBOARD_ROWS(X)                                                                                          \
    /* elements: stories, acts, groups, maneuvers, events, actions, in this order */                                   \
    X(element_state, uint8_t, CW_T_U8, CW_PER_ELEMENT, 1, "")   /* standby, running, complete of cw_element_state */   \
    X(element_now, uint8_t, CW_T_U8, CW_PER_ELEMENT, 1, "")     /* bits of transitions since the last evaluation */    \
    X(element_seen, uint8_t, CW_T_U8, CW_PER_ELEMENT, 1, "")    /* those that conditions see in this evaluation */     \
    X(element_runs, uint32_t, CW_T_U32, CW_PER_ELEMENT, 1, "")  /* executions, skipped ones among them */              \
    X(instance_state, uint8_t, CW_T_U8, CW_PER_INSTANCE, 1, "") /* 0 idle, 1 running, 2 done */                        \
    /* conditions */                                                                                                   \
    X(condition_checks, uint32_t, CW_T_U32, CW_PER_CONDITION, 1, "") /* evaluations since its trigger was armed */     \
    X(condition_was, uint8_t, CW_T_U8, CW_PER_CONDITION, 1, "")      /* what it was without edge and delay */          \
    X(condition_step, int64_t, CW_T_I64, CW_PER_CONDITION, 1, "")    /* step of the last evaluation + 1 */             \
    X(condition_out, uint8_t, CW_T_U8, CW_PER_CONDITION, 1, "")      /* what came out of it */                         \
    X(condition_ring, uint8_t, CW_T_U8, CW_PER_DELAY, 1, "")         /* bits: what came out in the last steps */       \
    X(watch_met, uint8_t, CW_T_U8, CW_PER_WATCH, 1, "")              /* held for this triggering entity */             \
    X(variable_number, double, CW_T_F64, CW_PER_VARIABLE, 1, "")                                                       \
    X(variable_action, uint32_t, CW_T_U32, CW_PER_VARIABLE, 1, "") /* action that gave its text, CW_NONE: the scene */ \
    X(environment_time, int64_t, CW_T_I64, CW_PER_ONE, 1, "ns")    /* when the environment in force was set */         \
    /* where a scripted actor is on its way */                                                                         \
    X(way, uint8_t, CW_T_U8, CW_PER_ACTOR, 1, "")        /* cw_way: free, lane, track */                               \
    X(way_placed, uint8_t, CW_T_U8, CW_PER_ACTOR, 1, "") /* it has been put somewhere */                               \
    X(way_facing, int8_t, CW_T_I8, CW_PER_ACTOR, 1, "")  /* +1 as the lane's traffic, -1 against it */                 \
    X(way_lane, uint32_t, CW_T_U32, CW_PER_ACTOR, 1, "")                                                               \
    X(way_travel, double, CW_T_F64, CW_PER_ACTOR, 1, "m")   /* travel distance on way_lane */                          \
    X(way_offset, double, CW_T_F64, CW_PER_ACTOR, 1, "m")   /* from the lane's centre to the actor's own left */       \
    X(way_turned, double, CW_T_F64, CW_PER_ACTOR, 1, "rad") /* stated heading against the lane, while it stands */     \
    X(way_speed, double, CW_T_F64, CW_PER_ACTOR, 1, "m/s")                                                             \
    X(way_ended, uint8_t, CW_T_U8, CW_PER_ACTOR, 1, "")        /* stands at the end of the road */                     \
    X(ended_since, int64_t, CW_T_I64, CW_PER_ACTOR, 1, "ns")   /* -1: not at the end of the road */                    \
    X(still_since, int64_t, CW_T_I64, CW_PER_ACTOR, 1, "ns")   /* -1: moves */                                         \
    X(offroad_since, int64_t, CW_T_I64, CW_PER_ACTOR, 1, "ns") /* -1: on the road */                                   \
    X(dropped, uint8_t, CW_T_U8, CW_PER_ACTOR, 1, "")          /* motion was dropped for its driver, and named */      \
    /* longitudinal domain */                                                                                          \
    X(along_kind, uint8_t, CW_T_U8, CW_PER_ACTOR, 1, "")       /* cw_along */                                          \
    X(along_flag, uint8_t, CW_T_U8, CW_PER_ACTOR, 1, "")       /* synchronize: the steady part has begun */            \
    X(along_instance, uint32_t, CW_T_U32, CW_PER_ACTOR, 1, "") /* CW_NONE: nobody's */                                 \
    X(along_entry, uint32_t, CW_T_U32, CW_PER_ACTOR, 1, "")    /* piece of a speed profile */                          \
    X(along_v0, double, CW_T_F64, CW_PER_ACTOR, 1, "m/s")                                                              \
    X(along_v1, double, CW_T_F64, CW_PER_ACTOR, 1, "m/s")                                                              \
    X(along_t0, double, CW_T_F64, CW_PER_ACTOR, 1, "s")                                                                \
    X(along_span, double, CW_T_F64, CW_PER_ACTOR, 1, "s or m")                                                         \
    X(along_done, double, CW_T_F64, CW_PER_ACTOR, 1, "m")   /* distance covered in it */                               \
    X(along_hint, double, CW_T_F64, CW_PER_ACTOR, 1, "m")   /* synchronize: where on a trajectory it was, NAN */       \
    X(along_master, double, CW_T_F64, CW_PER_ACTOR, 1, "m") /* and its master */                                       \
    /* lateral domain */                                                                                               \
    X(across_kind, uint8_t, CW_T_U8, CW_PER_ACTOR, 1, "") /* cw_across */                                              \
    X(across_shape, uint8_t, CW_T_U8, CW_PER_ACTOR, 1, "")                                                             \
    X(across_instance, uint32_t, CW_T_U32, CW_PER_ACTOR, 1, "")                                                        \
    X(across_from, double, CW_T_F64, CW_PER_ACTOR, 1, "m")                                                             \
    X(across_to, double, CW_T_F64, CW_PER_ACTOR, 1, "m")                                                               \
    X(across_t0, double, CW_T_F64, CW_PER_ACTOR, 1, "s")                                                               \
    X(across_span, double, CW_T_F64, CW_PER_ACTOR, 1, "s or m")                                                        \
    X(across_done, double, CW_T_F64, CW_PER_ACTOR, 1, "m")                                                             \
    X(across_rate, double, CW_T_F64, CW_PER_ACTOR, 1, "m/s") /* lateral speed of a distance being kept */              \
    /* routing */                                                                                                      \
    X(route, uint32_t, CW_T_U32, CW_PER_ACTOR, 1, "")          /* scene route, CW_NONE */                              \
    X(route_goal, uint32_t, CW_T_U32, CW_PER_ACTOR, 1, "")     /* goal field that guides it now, CW_NONE */            \
    X(route_last, uint32_t, CW_T_U32, CW_PER_ACTOR, 1, "")     /* last goal field of its route */                      \
    X(route_instance, uint32_t, CW_T_U32, CW_PER_ACTOR, 1, "") /* an acquired position that runs, CW_NONE */           \
    X(track, uint32_t, CW_T_U32, CW_PER_ACTOR, 1, "")          /* scene trajectory, CW_NONE */                         \
    X(track_instance, uint32_t, CW_T_U32, CW_PER_ACTOR, 1, "")                                                         \
    X(track_fresh, uint8_t, CW_T_U8, CW_PER_ACTOR, 1, "")   /* not moved along it yet */                               \
    X(track_reverse, uint8_t, CW_T_U8, CW_PER_ACTOR, 1, "") /* backs along it */                                       \
    X(track_s, double, CW_T_F64, CW_PER_ACTOR, 1, "m")                                                                 \
    X(track_t0, double, CW_T_F64, CW_PER_ACTOR, 1, "s")                                                                \
    X(track_x, double, CW_T_F64, CW_PER_ACTOR, 1, "m") /* where its local frame lies */                                \
    X(track_y, double, CW_T_F64, CW_PER_ACTOR, 1, "m")                                                                 \
    X(track_heading, double, CW_T_F64, CW_PER_ACTOR, 1, "rad")                                                         \
    X(track_aside, double, CW_T_F64, CW_PER_ACTOR, 1, "m") /* left of it when it began; blended away */                \
    X(track_blend, double, CW_T_F64, CW_PER_ACTOR, 1, "m") /* distance over which it is blended away */                \
    X(track_done, double, CW_T_F64, CW_PER_ACTOR, 1, "m")  /* distance covered on it */                                \
    /* nodes of trajectories whose shape depends on where entities are when they begin */                              \
    X(node_x, double, CW_T_F64, CW_PER_NODE, 1, "m")                                                                   \
    X(node_y, double, CW_T_F64, CW_PER_NODE, 1, "m")                                                                   \
    X(node_heading, double, CW_T_F64, CW_PER_NODE, 1, "rad")                                                           \
    X(node_s, double, CW_T_F64, CW_PER_NODE, 1, "m")

// Item groups of the storyboard's own; their counts come from cw_storyboard_items().
enum {
    CW_PER_ELEMENT = 32, // stories, acts, groups, maneuvers, events, actions
    CW_PER_DELAY,        // bytes of the delayed conditions' rings
    CW_PER_NODE          // nodes of moving trajectories
};

#endif
