// Korean: "2.1 m/s2 감속: 보행자 3이 오른쪽에서 건너와 1.8초 뒤 내 차로에 들어옵니다."
//
// The particle after a noun depends on how its last syllable ends; after a digit or a Latin letter on how that is read.
#include "agent/words.h"
#include <math.h>
#include <string.h>

static const double clearly = 0.3; // m/s^2 from which a sentence says that it brakes or accelerates

typedef enum ending { OPEN, CLOSED } ending;

// How the reading of the text ends.
static ending ending_of(const char *text) {
    size_t n = strlen(text);
    while (n > 0) {
        unsigned char last = (unsigned char)text[n - 1];
        if (last >= '0' && last <= '9') {
            static const char closed[] = "013678"; // 영 (십, 백, 천), 일, 삼, 육, 칠, 팔; open: 이, 사, 오, 구
            return strchr(closed, last) ? CLOSED : OPEN;
        }
        unsigned char low = last | 0x20;
        if (low >= 'a' && low <= 'z') {
            // A letter alone is read by its name (엘, 엠, 엔, 알 are closed), a word by its sound.
            bool word =
                n > 1 && (((unsigned char)text[n - 2] | 0x20) >= 'a') && (((unsigned char)text[n - 2] | 0x20) <= 'z');
            return strchr(word ? "bcgklmnpt" : "lmnr", low) ? CLOSED : OPEN;
        }
        if (n >= 3 && (last & 0xC0) == 0x80 && ((unsigned char)text[n - 3] & 0xF0) == 0xE0) {
            unsigned code = ((unsigned)text[n - 3] & 0x0Fu) << 12 | ((unsigned)text[n - 2] & 0x3Fu) << 6 |
                            ((unsigned)text[n - 1] & 0x3Fu);
            if (code >= 0xAC00 && code <= 0xD7A3) {
                return (code - 0xAC00) % 28 == 0 ? OPEN : CLOSED;
            }
            n -= 3;
            continue;
        }
        n--; // punctuation is not read
    }
    return OPEN;
}

// Noun (and label) with the subject's particle.
static void subject(cw_pen *pen, const char *noun, const char *label) {
    cw_pen_text(pen, noun);
    if (label) {
        cw_pen_text(pen, " ");
        cw_pen_text(pen, label);
    }
    cw_pen_text(pen, ending_of(label ? label : noun) == CLOSED ? "이 " : "가 ");
}

static void number(cw_pen *pen, const char *before, double value, int decimals, const char *after) {
    cw_pen_text(pen, before);
    cw_pen_number(pen, value, decimals);
    cw_pen_text(pen, after);
}

static void speed(cw_pen *pen, const char *before, double mps, const char *after) {
    cw_pen_text(pen, before);
    cw_pen_text(pen, "시속 ");
    cw_pen_speed(pen, mps);
    cw_pen_text(pen, " km");
    cw_pen_text(pen, after);
}

static void head(cw_pen *pen, const cw_reason *r) {
    double a = (double)r->accel;
    bool brakes = a<-clearly, gains = a> clearly;
    switch (r->longitudinal) {
    case CW_FOLLOW_LEAD:
        if (brakes || gains) {
            number(pen, "", fabs(a), 1, brakes ? " m/s2 감속" : " m/s2 가속");
        } else {
            cw_pen_text(pen, "앞을 따라 주행");
        }
        break;
    case CW_ADAPT_SPEED:
        if (brakes) {
            number(pen, "", fabs(a), 1, " m/s2 감속");
        } else {
            speed(pen, "", (double)r->speed, gains ? "까지 가속" : "로 주행");
        }
        break;
    case CW_YIELD:
        if (brakes) {
            number(pen, "", fabs(a), 1, " m/s2 감속");
        } else {
            cw_pen_text(pen, "양보");
        }
        break;
    case CW_STOP_FOR:
        if (brakes) {
            number(pen, "정지하기 위해 ", fabs(a), 1, " m/s2 감속");
        } else {
            cw_pen_text(pen, "서서히 정지");
        }
        break;
    case CW_WAIT:
        cw_pen_text(pen, "대기");
        break;
    case CW_CREEP:
        cw_pen_text(pen, "천천히 전진");
        break;
    case CW_GO:
        cw_pen_text(pen, "출발");
        break;
    case CW_ACCELERATE:
        number(pen, "", fabs(a), 1, " m/s2 가속");
        break;
    case CW_EMERGENCY_BRAKE:
        number(pen, "", fabs(a), 1, " m/s2 급제동");
        break;
    default:
        speed(pen, "", (double)r->speed, " 유지");
        break;
    }
    static const char *const lateral[] = {"",
                                          ", 좌회전",
                                          ", 우회전",
                                          ", 직진",
                                          ", 왼쪽 차로로 변경",
                                          ", 오른쪽 차로로 변경",
                                          ", 원래 차로로 복귀",
                                          ", 왼쪽으로 비켜 감",
                                          ", 오른쪽으로 비켜 감",
                                          ", 길가에 정차"};
    if (r->lateral < sizeof lateral / sizeof *lateral) {
        cw_pen_text(pen, lateral[r->lateral]);
    }
}

// A predicate in its four forms: final; final after a distance ("12.0" + at); followed by what comes of it; by what else
// is so.
typedef struct predicate {
    const char *ends, *at, *so, *and;
} predicate;

static bool is_distance(const cw_cause *c) {
    return c->quantity == CW_Q_GAP_M || c->quantity == CW_Q_DISTANCE_M;
}

static predicate predicate_of_user(uint8_t relation) {
    switch (relation) {
    case CW_REL_CUTTING_IN:
        return (predicate){"내 차로로 끼어듭니다", " m 앞에서 내 차로로 끼어듭니다", "끼어들어", "끼어들고"};
    case CW_REL_CUTTING_OUT:
        return (predicate){"내 차로에서 빠져나갑니다", " m 앞에서 빠져나갑니다", "빠져나가", "빠져나가고"};
    case CW_REL_CROSSING_LEFT:
        return (predicate){"왼쪽에서 건너옵니다", " m 앞 왼쪽에서 건너옵니다", "왼쪽에서 건너와", "왼쪽에서 건너오고"};
    case CW_REL_CROSSING_RIGHT:
        return (predicate){"오른쪽에서 건너옵니다", " m 앞 오른쪽에서 건너옵니다", "오른쪽에서 건너와",
                           "오른쪽에서 건너오고"};
    case CW_REL_ONCOMING:
        return (predicate){"마주 옵니다", " m 앞에서 마주 옵니다", "마주 와", "마주 오고"};
    case CW_REL_MERGING:
        return (predicate){"합류합니다", " m 앞에서 합류합니다", "합류해", "합류하고"};
    case CW_REL_BEHIND:
        return (predicate){"뒤에 있습니다", " m 뒤에 있습니다", "뒤에 있어", "뒤에 있고"};
    case CW_REL_BESIDE:
        return (predicate){"옆에 있습니다", " m 옆에 있습니다", "옆에 있어", "옆에 있고"};
    case CW_REL_STANDING:
        return (predicate){"길을 막고 서 있습니다", " m 앞에 서 있습니다", "앞에 서 있어", "앞에 서 있고"};
    case CW_REL_ON_CROSSING:
        return (predicate){"횡단보도에 있습니다", " m 앞 횡단보도에 있습니다", "횡단보도에 있어", "횡단보도에 있고"};
    case CW_REL_HAS_PRIORITY:
        return (predicate){"통행 우선권이 있습니다", " m 앞에 있고 통행 우선권이 있습니다", "통행 우선권이 있어",
                           "통행 우선권이 있고"};
    case CW_REL_HIDDEN:
        return (predicate){"보이지 않습니다", " m 앞에 가려져 있습니다", "보이지 않아", "보이지 않고"};
    default:
        return (predicate){"앞에 있습니다", " m 앞에 있습니다", "앞에 있어", "앞에 있고"};
    }
}

static const char *user_noun(uint8_t kind) {
    switch (kind) {
    case CW_CAUSE_PEDESTRIAN:
        return "보행자";
    case CW_CAUSE_CYCLIST:
        return "자전거";
    case CW_CAUSE_ANIMAL:
        return "동물";
    case CW_CAUSE_OBSTACLE:
        return "장애물";
    default:
        return "차량";
    }
}

static void cause_user(cw_pen *pen, const cw_cause *c, const cw_labels *labels) {
    predicate p = predicate_of_user(c->relation);
    double v = (double)c->value;
    subject(pen, user_noun(c->kind), cw_label(labels, c->id));
    if (is_distance(c)) {
        number(pen, "", v, 1, p.at);
        return;
    }
    switch (c->quantity) {
    case CW_Q_TTC_S:
        cw_pen_text(pen, p.so);
        number(pen, " ", v, 1, "초 뒤 부딪칠 수 있습니다");
        break;
    case CW_Q_ARRIVAL_S:
        cw_pen_text(pen, c->relation == CW_REL_HAS_PRIORITY ? p.and : p.so);
        number(pen, " ", v, 1, c->relation == CW_REL_HAS_PRIORITY ? "초 뒤 도착합니다" : "초 뒤 내 차로에 들어옵니다");
        break;
    case CW_Q_SPEED_MPS:
        cw_pen_text(pen, p.and);
        speed(pen, " ", v, "로 움직입니다");
        break;
    case CW_Q_HEADWAY_S:
        cw_pen_text(pen, p.and);
        number(pen, " 차간 시간은 ", v, 1, "초입니다");
        break;
    case CW_Q_CURVATURE:
        cw_pen_text(pen, p.and);
        number(pen, " 길의 곡률은 ", v, 3, " 1/m입니다");
        break;
    case CW_Q_FRICTION:
        cw_pen_text(pen, p.and);
        number(pen, " 마찰 계수는 ", v, 2, "입니다");
        break;
    default:
        cw_pen_text(pen, p.ends);
        break;
    }
}

// A thing's predicate with what its number says; distances and the quantities that belong to it are said elsewhere.
static void thing(cw_pen *pen, const char *ends, const char *and, const cw_cause *c) {
    double v = (double)c->value;
    if (c->quantity == CW_Q_NONE || is_distance(c)) {
        cw_pen_text(pen, ends);
        return;
    }
    cw_pen_text(pen, and);
    switch (c->quantity) {
    case CW_Q_TTC_S:
    case CW_Q_ARRIVAL_S:
        number(pen, " ", v, 1, "초 뒤 닿습니다");
        break;
    case CW_Q_SPEED_MPS:
        speed(pen, " ", v, "가 알맞습니다");
        break;
    case CW_Q_HEADWAY_S:
        number(pen, " ", v, 1, "초 거리에 있습니다");
        break;
    case CW_Q_CURVATURE:
        number(pen, " 곡률은 ", v, 3, " 1/m입니다");
        break;
    default:
        number(pen, " 마찰 계수는 ", v, 2, "입니다");
        break;
    }
}

static void place(cw_pen *pen, const cw_cause *c, const char *after) { // "12.0 m 앞 "
    if (is_distance(c)) {
        number(pen, "", (double)c->value, 1, after);
    }
}

static void cause_geometry(cw_pen *pen, const cw_cause *c) {
    if (c->relation == CW_REL_END_OF_LANE) {
        place(pen, c, " m 앞에서 ");
        cw_pen_text(pen, "내 차로가 ");
        thing(pen, "끝납니다", "끝나고", c);
    } else if (c->quantity == CW_Q_SPEED_MPS) {
        speed(pen, "굽은 길에서는 ", (double)c->value, "까지 갈 수 있습니다");
    } else {
        place(pen, c, " m 앞에 ");
        cw_pen_text(pen, "굽은 길이 ");
        thing(pen, "있습니다", "있고", c);
    }
}

static void cause_occlusion(cw_pen *pen, const cw_cause *c, const cw_labels *labels) {
    if (c->relation == CW_REL_BESIDE) {
        const char *label = cw_label(labels, c->id);
        place(pen, c, " m 옆에 ");
        cw_pen_text(pen, "서 있는 차량 ");
        cw_pen_text(pen, label ? label : "");
        cw_pen_text(pen, label ? " 뒤에서 누가 " : "뒤에서 누가 ");
        thing(pen, "나올 수 있습니다", "나올 수 있고", c);
    } else if (is_distance(c)) {
        number(pen, "내 차로가 ", (double)c->value, 1, " m까지만 보입니다");
    } else {
        cw_pen_text(pen, "내 차로가 ");
        thing(pen, "가려져 있습니다", "가려져 있고", c);
    }
}

static void cause(cw_pen *pen, const cw_cause *c, const cw_labels *labels) {
    int sign = cw_signal_kind_of(labels, c->item);
    switch (c->kind) {
    case CW_CAUSE_VEHICLE:
    case CW_CAUSE_PEDESTRIAN:
    case CW_CAUSE_CYCLIST:
    case CW_CAUSE_ANIMAL:
    case CW_CAUSE_OBSTACLE:
        cause_user(pen, c, labels);
        break;
    case CW_CAUSE_SIGNAL:
        place(pen, c, " m 앞 ");
        subject(pen, "신호", cw_signal_label(labels, c->item));
        if (c->relation == CW_REL_RED) {
            thing(pen, "빨간불입니다", "빨간불이고", c);
        } else if (c->relation == CW_REL_YELLOW) {
            thing(pen, "노란불입니다", "노란불이고", c);
        } else {
            thing(pen, "적용됩니다", "적용되고", c);
        }
        break;
    case CW_CAUSE_SIGN:
        place(pen, c, " m 앞 ");
        subject(pen, sign == CW_SIGNAL_STOP ? "정지 표지" : sign == CW_SIGNAL_YIELD ? "양보 표지" : "표지", NULL);
        thing(pen, "적용됩니다", "적용되고", c);
        break;
    case CW_CAUSE_LIMIT:
        if (c->quantity == CW_Q_SPEED_MPS) {
            speed(pen, "제한 속도가 ", (double)c->value, "입니다");
        } else {
            place(pen, c, " m 앞에서 ");
            cw_pen_text(pen, "제한 속도가 ");
            thing(pen, "적용됩니다", "적용되고", c);
        }
        break;
    case CW_CAUSE_GEOMETRY:
        cause_geometry(pen, c);
        break;
    case CW_CAUSE_ROUTE:
        if (c->relation == CW_REL_GOAL) {
            place(pen, c, " m 앞에 ");
            cw_pen_text(pen, "목적지가 ");
            thing(pen, "있습니다", "있고", c);
        } else if (c->relation == CW_REL_MISSED) {
            place(pen, c, " m 앞에서 ");
            cw_pen_text(pen, "갈림길을 놓쳐 다른 길로 ");
            thing(pen, "갑니다", "가고", c);
        } else {
            place(pen, c, " m 앞에서 ");
            cw_pen_text(pen, "경로가 이 차로를 ");
            thing(pen, "벗어납니다", "벗어나고", c);
        }
        break;
    case CW_CAUSE_OCCLUSION:
        cause_occlusion(pen, c, labels);
        break;
    case CW_CAUSE_SURFACE:
        if (c->quantity == CW_Q_FRICTION) {
            number(pen, "노면의 마찰 계수가 ", (double)c->value, 2, "입니다");
        } else {
            place(pen, c, " m 앞에서 ");
            cw_pen_text(pen, "노면이 ");
            thing(pen, "미끄럽습니다", "미끄럽고", c);
        }
        break;
    default:
        cw_pen_text(pen, "막는 것이 없습니다");
        break;
    }
}

void cw_words_korean(cw_pen *pen, const cw_reason *reason, const cw_labels *labels) {
    head(pen, reason);
    uint8_t count = reason->count < CW_CAUSES ? reason->count : CW_CAUSES;
    for (uint8_t i = 0; i < count; i++) {
        cw_pen_text(pen, i == 0 ? ": " : "; ");
        cause(pen, &reason->cause[i], labels);
    }
    cw_pen_text(pen, ".");
}
