"use strict";
// The page's own words in both languages.

const dictionary = {
  reasons: ["Decisions and reasons (computed, untested)", "결정과 이유 (계산됨, 미검증)"],
  reasonsTested: ["Decisions and reasons", "결정과 이유"],
  tests: ["Reasons tested by intervention", "개입으로 시험한 이유"],
  chooseTest: ["Choose a reason on the line above; then a cause, to see the world with and without it.", "위 줄에서 이유를 고르고, 원인을 고르면 그것이 있을 때와 없을 때의 세계를 봅니다."],
  withCause: ["as it was", "있던 그대로"],
  withoutCause: ["without it", "그것 없이"],
  tested_true: ["tested true", "시험 결과 참"],
  joint: ["joint cause", "공동 원인"],
  sight_only: ["sight only", "시야를 가릴 뿐"],
  refuted: ["refuted", "반증됨"],
  missed: ["missed", "말하지 않은 원인"],
  untested: ["nothing to test", "시험할 것 없음"],
  not_testable: ["not testable", "시험할 수 없음"],
  plots: ["Plots", "그래프"],
  verdict: ["Verdict", "판정"],
  metrics: ["Metrics", "지표"],
  about: ["About this run", "이 실행에 대하여"],
  passed: ["passed", "통과"],
  failed: ["failed", "실패"],
  play: ["Play", "재생"],
  pause: ["Pause", "멈춤"],
  time: ["Time", "시간"],
  rate: ["Speed of the replay", "재생 속도"],
  zoomIn: ["Zoom in", "확대"],
  zoomOut: ["Zoom out", "축소"],
  follow: ["Follow the ego", "자차 따라가기"],
  heading: ["Driving direction up", "진행 방향을 위로"],
  timeline: ["Timeline of decisions; arrow keys move, Enter jumps", "결정 시간표: 화살표로 옮기고 Enter로 이동"],
  map: ["The drive from above", "위에서 본 주행"],
  speed: ["Speed", "속도"],
  accel: ["Acceleration", "가속도"],
  jerk: ["Jerk", "저크"],
  gap: ["Gap to the next road user ahead", "앞 상대까지의 간격"],
  ttc: ["Time to collision", "충돌까지 남은 시간"],
  offset: ["Offset from the lane's centre, left positive", "차로 중심에서 벗어난 거리 (왼쪽 +)"],
  plan: ["plan, coloured by speed", "계획 (색: 속도)"],
  failsafe: ["fail-safe and its tube", "안전 대비와 그 폭"],
  cause: ["cause", "원인"],
  unseen: ["not seen by the ego", "자차가 못 봄"],
  contact: ["Contact", "접촉"],
  fault: ["at fault", "책임"],
  notices: ["Read over: not supported", "지원하지 않아 건너뜀"],
  inputs: ["Input files", "입력 파일"],
  command: ["To repeat it", "다시 실행하기"],
  told: ["for information", "참고"],
  noVerdict: ["This trace holds no verdict.", "이 기록에는 판정이 없습니다."],
  noReasons: ["This trace holds no reasons.", "이 기록에는 이유가 없습니다."],
  places: ["places", "곳"],
  refused: ["Refused", "거부"],
  driver: ["driver", "운전자"],
  evaluator: ["evaluator", "평가기"],
  seed: ["seed", "시드"],
  hash: ["final state", "마지막 상태"],
  humanAvoids: ["The careful human model avoids contact here.", "주의 깊은 사람 모형은 여기서 접촉을 피합니다."],
  humanHits: ["The careful human model touches here at", "주의 깊은 사람 모형도 접촉함, 속도"],
};

const language = { index: data.meta.lang === "ko" ? 1 : 0 };
const say = (key) => (dictionary[key] ? dictionary[key][language.index] : key);
const kindName = (table, value) => (table[value] ? table[value][language.index] : "");
const kindColor = (table, value) => (table[value] ? "#" + table[value][2].toString(16).padStart(6, "0") : "#868e96");
// "Refused: no room for a vehicle that may cut in (-0.6 m, Lorry)"
const refusalText = ([, , clause, margin, actor]) => {
  const about = [typeof margin === "number" ? `${margin.toFixed(1)} m` : "", actor >= 0 ? data.actors[actor].name : ""].filter(Boolean).join(", ");
  return `${say("refused")}: ${kindName(data.clause, clause)}${about ? ` (${about})` : ""}`;
};
const labels = new Map(data.labels.map(([name, ...said]) => [name, said]));
const label = (name) => (labels.get(name) ?? [name, name])[language.index];
// What a verdict says in both languages: "text" in the one that the run was asked for, "text_en", "text_ko".
const inLanguage = (item, key) => item[`${key}_${language.index === 1 ? "ko" : "en"}`] ?? item[key] ?? "";
