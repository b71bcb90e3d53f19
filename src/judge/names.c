// The names that a verdict holds, as people read them.
#include "causeway/assumptions.h"
#include "causeway/judge.h"

#include <string.h>

static const struct {
    const char *name, *said[CW_LANGUAGES];
} names[] = {
    // criteria
    {"contact", {"contact", "접촉"}},
    {"off_road", {"off road", "도로 이탈"}},
    {"wrong_way", {"wrong way", "역주행"}},
    {"red_light", {"red light", "신호 위반"}},
    {"stop_line", {"stop line", "정지선"}},
    {"goal", {"goal", "목적지 도달"}},
    {"speed_limit", {"speed limit", "제한 속도"}},
    {"comfort", {"comfort", "승차감"}},
    {"min_ttc", {"least TTC", "최소 충돌 시간"}},
    {"rss_margin", {"RSS margin", "RSS 여유"}},
    {"nuplan", {"nuPlan", "nuPlan 점수"}},
    {"r157_contact", {"R157 contact", "R157 접촉"}},
    {"r157_following_distance", {"R157 following distance", "R157 차간 거리"}},
    {"r157_emergency", {"R157 emergency", "R157 비상 조작"}},
    {"r157_lane", {"R157 lane", "R157 차로 유지"}},
    // metrics
    {"min_ttc_s", {"least TTC", "최소 충돌 시간"}},
    {"min_gap_m", {"least gap", "최소 간격"}},
    {"min_thw_s", {"least time headway", "최소 차간 시간"}},
    {"min_ttr_s", {"least time to react (TTR)", "최소 반응 여유 시간 (TTR)"}},
    {"min_pet_s", {"least post-encroachment time (PET)", "최소 교차 통과 시간 차 (PET)"}},
    {"min_rss_margin_m", {"least RSS margin", "최소 RSS 여유"}},
    {"impact_mps", {"impact speed", "충격 속도"}},
    {"set_speed_mps", {"set speed", "설정 속도"}},
    {"set_speed_held", {"share of the set speed held", "설정 속도 유지율"}},
    {"follow_gap_excess_min_s", {"following gap above the minimum, least", "차간 시간 여유, 최소"}},
    {"follow_gap_excess_max_s", {"following gap above the minimum, most", "차간 시간 여유, 최대"}},
    {"max_decel_mps2", {"hardest braking", "최대 감속도"}},
    {"max_jerk_mps3", {"largest jerk", "최대 저크"}},
    {"max_lateral_accel_mps2", {"largest lateral acceleration", "최대 횡가속도"}},
    {"nuplan_nc", {"nuPlan NC: no collision at fault", "nuPlan NC: 책임 있는 충돌 없음"}},
    {"nuplan_dac", {"nuPlan DAC: drivable area", "nuPlan DAC: 주행 가능 영역"}},
    {"nuplan_mp", {"nuPlan MP: makes progress", "nuPlan MP: 진행함"}},
    {"nuplan_ddc", {"nuPlan DDC: driving direction", "nuPlan DDC: 주행 방향"}},
    {"nuplan_ep", {"nuPlan EP: ego progress", "nuPlan EP: 자차 진행"}},
    {"nuplan_ttc", {"nuPlan TTC", "nuPlan TTC: 충돌 시간"}},
    {"nuplan_sl", {"nuPlan SL: speed limit", "nuPlan SL: 제한 속도"}},
    {"nuplan_c", {"nuPlan C: comfort", "nuPlan C: 승차감"}},
    {"nuplan_score", {"nuPlan closed-loop score", "nuPlan 폐루프 점수"}},
    {"navsim_pdms", {"NAVSIM PDMS", "NAVSIM PDMS 점수"}},
    {"max_drac_mps2", {"hardest deceleration needed (DRAC)", "최대 필요 감속도 (DRAC)"}},
    {"max_btn", {"brake threat number (BTN)", "제동 위협 수 (BTN)"}},
    {"carla_driving_score", {"CARLA driving score", "CARLA 주행 점수"}},
    {"failsafe_share", {"share of ticks on the fail-safe", "안전 대비로 달린 비율"}},
    {"needless_stops", {"needless stops", "불필요한 정지"}},
    {"hit_from_behind_after_needless", {"hit from behind after one", "불필요한 정지 뒤 추돌당함"}},
    {"mean_speed_mps", {"mean speed", "평균 속도"}},
    {"distance_m", {"distance driven", "주행 거리"}},
    {"progress_m", {"progress along the lanes", "차로를 따라 나아간 거리"}},
    {"free_flow_progress_m", {"progress of free flow", "자유 흐름이 나아갈 거리"}},
    {"expert_progress_m", {"progress of the recorded expert", "기록된 전문가가 나아간 거리"}},
    {"route_completion", {"route completion", "경로 완주율"}},
    {"stationary_in_lane_s", {"standing in the lane", "차로에 서 있은 시간"}},
    // faults
    {"none", {"none", "없음"}},
    {"ego", {"ego", "자차"}},
    {"other", {"other", "상대"}},
    {"shared", {"shared", "공동"}},
    // what has no name
    {"map object", {"map object", "지도의 물체"}},
    // ends of a run
    {"stop_trigger", {"stop trigger", "종료 조건"}},
    {"duration", {"duration", "시간 다 됨"}},
    {"recording_over", {"recording over", "기록 끝"}},
    {"interrupted", {"interrupted", "중단됨"}},
    {"fault", {"fault", "고장"}},
};

const char *cw_judge_label(const char *name, cw_language language) {
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i].name, name) == 0)
            return names[i].said[language];
    return name;
}

const char *cw_judge_clause(uint8_t clause, cw_language language) {
    return cw_clause_text((cw_clause)clause, language == CW_KOREAN);
}
