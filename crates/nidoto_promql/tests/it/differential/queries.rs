//! What is asked of both.

/// Functions of a window that Prometheus 2 and 3 both know; `$` stands for the range.
const OVER_TIME: [&str; 23] = [
    "rate($)",
    "increase($)",
    "delta($)",
    "irate($)",
    "idelta($)",
    "deriv($)",
    "predict_linear($, 3600)",
    "holt_winters($, 0.3, 0.6)",
    "avg_over_time($)",
    "min_over_time($)",
    "max_over_time($)",
    "sum_over_time($)",
    "count_over_time($)",
    "quantile_over_time(0.9, $)",
    "quantile_over_time(0, $)",
    "stddev_over_time($)",
    "stdvar_over_time($)",
    "last_over_time($)",
    "present_over_time($)",
    "absent_over_time($)",
    "changes($)",
    "resets($)",
    "sum by (job) (avg_over_time($))",
];

const RANGES: [&str; 13] = [
    "requests_total[1m]",
    "requests_total[5m]",
    "requests_total[1h]",
    "requests_total[17m13s] offset 3m",
    "irregular_total[2m]",
    "irregular_total[30m]",
    "temperature[5m]",
    "queue[10m]",
    "memory_bytes[20m]",
    "strange[3m]",
    "constant[10m]",
    "temperature[30m:1m]",
    "requests_total[10m] @ 1700010000",
];

const FUNCTIONS: [&str; 45] = [
    "abs(temperature - 30)",
    "ceil(temperature)",
    "floor(temperature)",
    "round(temperature)",
    "round(temperature, 5)",
    "sgn(temperature - 30)",
    "exp(temperature / 100)",
    "ln(temperature)",
    "log2(temperature)",
    "log10(temperature)",
    "sqrt(temperature)",
    "sin(temperature)",
    "cos(temperature)",
    "tan(temperature)",
    "asin(temperature / 100)",
    "acos(temperature / 100)",
    "atan(temperature)",
    "sinh(temperature / 100)",
    "cosh(temperature / 100)",
    "tanh(temperature / 100)",
    "asinh(temperature)",
    "acosh(temperature)",
    "atanh(temperature / 1000)",
    "deg(temperature)",
    "rad(temperature)",
    "clamp(temperature, 10, 50)",
    "clamp(temperature, 50, 10)",
    "clamp_min(strange, 1)",
    "clamp_max(strange, 1)",
    "timestamp(irregular_total)",
    "timestamp(irregular_total + 1)",
    "hour(memory_bytes)",
    "day_of_week(memory_bytes)",
    "day_of_month(memory_bytes)",
    "day_of_year(memory_bytes)",
    "days_in_month(memory_bytes)",
    "month(memory_bytes)",
    "year(memory_bytes)",
    "minute()",
    "absent(temperature)",
    r#"absent(nothing{job="x", job="y", a=~"b", c="d"})"#,
    r#"label_replace(temperature, "host", "$1-$2", "instance", "(host)-(.*)")"#,
    r#"label_join(temperature, "both", "/", "job", "instance")"#,
    "vector(scalar(constant)) + pi() * time()",
    "scalar(temperature)",
];

const HISTOGRAMS: [&str; 5] = [
    "histogram_quantile(0.9, latency_bucket)",
    "histogram_quantile(0.5, rate(latency_bucket[5m]))",
    "histogram_quantile(0.99, sum by (job, le) (rate(latency_bucket[10m])))",
    "histogram_quantile(-1, latency_bucket)",
    "histogram_quantile(0.1, sum without (instance) (latency_bucket))",
];

/// Aggregations; `$` stands for the grouping.
const AGGREGATES: [&str; 12] = [
    "sum $ (temperature)",
    "avg $ (memory_bytes)",
    "min $ (strange)",
    "max $ (temperature)",
    "count $ (queue)",
    "group $ (queue)",
    "stddev $ (memory_bytes)",
    "stdvar $ (temperature)",
    "quantile $ (0.7, temperature)",
    "topk $ (2, temperature)",
    "bottomk $ (1, requests_total)",
    r#"count_values $ ("value", round(temperature, 20))"#,
];

const GROUPINGS: [&str; 3] = ["", "by (job)", "without (instance)"];

/// `$` stands for an operator.
const OPERATIONS: [&str; 5] = [
    "temperature $ queue",
    "temperature $ 30",
    "30 $ temperature",
    "temperature $ on(job) group_left threshold",
    "threshold $ ignoring(instance) group_right() temperature",
];

const OPERATORS: [&str; 10] = ["+", "-", "*", "/", "%", "^", ">", "<= bool", "!=", "== bool"];

const OTHERS: [&str; 30] = [
    "temperature",
    "temperature offset 7m",
    "temperature offset -7m",
    "temperature @ 1700010000",
    "temperature @ end()",
    "max_over_time(temperature[10m] @ start())",
    "temperature[3m]",
    "max_over_time(rate(requests_total[2m])[20m:30s])",
    "sum_over_time(sum by (job) (requests_total)[15m:] offset 2m)",
    "avg_over_time(max_over_time(temperature[5m])[30m:7m])",
    "temperature and on(job) threshold",
    "temperature unless on(instance) queue",
    "temperature or queue",
    "queue or temperature",
    "(temperature > 30) or (temperature < 10)",
    "sum(temperature > 30)",
    "-temperature",
    "-1 ^ 2",
    "2 ^ 3 ^ 2",
    "1 - 2 - 3",
    "temperature > bool 30",
    "1 > bool 2",
    "temperature atan2 queue",
    "temperature + on(job) queue",
    "temperature * on(job, instance) queue",
    "sum(rate(requests_total[5m])) / sum(rate(irregular_total[5m]))",
    r#"{__name__=~"temp.*|queue", job!="db"}"#,
    r#"rate({__name__=~".*_total"}[5m])"#,
    "topk(scalar(constant) - 3, temperature)",
    "predict_linear(memory_bytes[1h], scalar(constant) * 60) > 2e9",
];

pub(super) fn all() -> Vec<String> {
    let mut queries = Vec::new();
    let mut product = |templates: &[&str], parts: &[&str]| {
        queries.extend(templates.iter().flat_map(|t| parts.iter().map(|part| t.replace('$', part))));
    };
    product(&OVER_TIME, &RANGES);
    product(&AGGREGATES, &GROUPINGS);
    product(&OPERATIONS, &OPERATORS);
    let others = FUNCTIONS.iter().chain(&HISTOGRAMS).chain(&OTHERS);
    queries.extend(others.map(ToString::to_string));
    queries
}
