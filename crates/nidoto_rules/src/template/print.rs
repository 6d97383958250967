//! Numbers and `printf` as Go writes them (packages `strconv` and `fmt`).

use super::value::Value;

/// A number in the form `e`, `f` or `g`, with so many digits or as few as tell it apart. Positive
/// infinity has its sign.
pub(super) fn float(value: f64, form: char, precision: Option<usize>) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    match form.to_ascii_lowercase() {
        'f' => match precision {
            Some(digits) => format!("{value:.digits$}"),
            None => format!("{value}"),
        },
        'e' => exponent_of_two_digits(&match precision {
            Some(digits) => format!("{value:.digits$e}"),
            None => format!("{value:e}"),
        }),
        _ => general(value, precision),
    }
}

/// `%g`: without trailing zeros, with an exponent where the number is small or long.
fn general(value: f64, precision: Option<usize>) -> String {
    let scientific = match precision {
        Some(digits) => format!("{value:.*e}", digits.max(1) - 1),
        None => format!("{value:e}"),
    };
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let mantissa = if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa };
    let digits = mantissa.chars().filter(char::is_ascii_digit).count() as i32;
    let long = match precision {
        None => 6,
        Some(wanted) if wanted as i32 > digits && digits > exponent => digits,
        Some(wanted) => wanted.max(1) as i32,
    };
    if exponent < -4 || exponent >= long {
        return exponent_of_two_digits(&format!("{mantissa}e{exponent}"));
    }
    let decimals = (digits - 1 - exponent).max(0) as usize;
    // Through the shortened digits, so that both forms show the same number.
    let rounded: f64 = format!("{mantissa}e{exponent}").parse().unwrap_or(value);
    format!("{rounded:.decimals$}")
}

/// `1.5e9` as `1.5e+09`.
fn exponent_of_two_digits(text: &str) -> String {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

/// What stands between `%` and the verb.
#[derive(Default)]
struct Flags {
    plus: bool,
    minus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// Wider or longer is taken as this: a template must not fill the memory.
const WIDTH_MAX: usize = 1_000;

/// Go's `fmt.Sprintf`.
pub(super) fn printf(format: &str, args: &[Value]) -> String {
    let mut out = String::new();
    let mut args_left = args.iter();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let flags = flags(&mut chars);
        match chars.next() {
            None => out += "%!(NOVERB)",
            Some('%') => out.push('%'),
            Some(verb) => match args_left.next() {
                Some(arg) => out += &formatted(arg, verb, &flags),
                None => out += &format!("%!{verb}(MISSING)"),
            },
        }
    }
    let extra: Vec<String> = args_left.map(|arg| format!("{}={}", arg.type_name(), arg.shown())).collect();
    if !extra.is_empty() {
        out += &format!("%!(EXTRA {})", extra.join(", "));
    }
    out
}

fn flags(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Flags {
    let mut flags = Flags::default();
    while let Some(c) = chars.next_if(|c| "+-# 0".contains(*c)) {
        match c {
            '+' => flags.plus = true,
            '-' => flags.minus = true,
            '#' => flags.sharp = true,
            ' ' => flags.space = true,
            _ => flags.zero = true,
        }
    }
    let number = |chars: &mut std::iter::Peekable<std::str::Chars<'_>>| {
        let mut number = None;
        while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
            chars.next();
            number = Some((number.unwrap_or(0) * 10 + digit as usize).min(WIDTH_MAX));
        }
        number
    };
    flags.width = number(chars);
    if chars.next_if_eq(&'.').is_some() {
        flags.precision = Some(number(chars).unwrap_or(0));
    }
    flags
}

fn formatted(value: &Value, verb: char, flags: &Flags) -> String {
    match (value, verb) {
        (Value::Float(number), 'v') => numeric(&float(*number, 'g', flags.precision), flags),
        (Value::Float(number), 'e' | 'E' | 'f' | 'F') => {
            let text = float(*number, verb, Some(flags.precision.unwrap_or(6)));
            numeric(&if verb == 'E' { text.to_uppercase() } else { text }, flags)
        }
        (Value::Float(number), 'g' | 'G') => {
            let text = float(*number, 'g', flags.precision);
            numeric(&if verb == 'G' { text.to_uppercase() } else { text }, flags)
        }
        (Value::Int(number), 'd' | 'v') => numeric(&number.to_string(), flags),
        (Value::Int(number), 'x' | 'X' | 'o' | 'b') => numeric(&radix(*number, verb, flags), flags),
        (Value::Int(number), 'c') => {
            padded(&u32::try_from(*number).ok().and_then(char::from_u32).unwrap_or('\u{fffd}').to_string(), flags)
        }
        (Value::Text(text), 's' | 'v') if !(flags.sharp && verb == 'v') => padded(&cut(text, flags), flags),
        (Value::Text(text), 'q') | (Value::Text(text), 'v') => padded(&quoted(&cut(text, flags)), flags),
        (Value::Text(text), 'x' | 'X') => {
            let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
            padded(&if verb == 'X' { hex.to_uppercase() } else { hex }, flags)
        }
        (Value::Bool(_), 't' | 'v') => padded(&value.shown(), flags),
        (Value::Nil, 'v') => padded("<nil>", flags),
        (Value::Nil, _) => format!("%!{verb}(<nil>)"),
        (Value::Labels(_) | Value::Map(_) | Value::Sample(_) | Value::Samples(_) | Value::Data, 's' | 'v') => {
            padded(&value.shown(), flags)
        }
        _ => format!("%!{verb}({}={})", value.type_name(), value.shown()),
    }
}

fn radix(number: i64, verb: char, flags: &Flags) -> String {
    let size = number.unsigned_abs();
    let (mark, digits) = match verb {
        'x' => ("0x", format!("{size:x}")),
        'X' => ("0X", format!("{size:X}")),
        'o' => ("0", format!("{size:o}")),
        _ => ("0b", format!("{size:b}")),
    };
    format!("{}{}{digits}", if number < 0 { "-" } else { "" }, if flags.sharp { mark } else { "" })
}

fn cut(text: &str, flags: &Flags) -> String {
    text.chars().take(flags.precision.unwrap_or(usize::MAX)).collect()
}

/// A number with its sign and in its width; zeros stand behind the sign.
fn numeric(text: &str, flags: &Flags) -> String {
    let (sign, digits) = match text.strip_prefix(['-', '+']) {
        Some(digits) => (&text[..1], digits),
        None => ("", text),
    };
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit());
    let sign = match sign {
        "-" => "-",
        _ if flags.plus => "+",
        _ if flags.space => " ",
        "+" if !is_number => "+",
        _ => "",
    };
    let length = sign.len() + digits.chars().count();
    if flags.zero && !flags.minus && is_number {
        let zeros = "0".repeat(flags.width.unwrap_or(0).saturating_sub(length));
        return format!("{sign}{zeros}{digits}");
    }
    padded(
        &format!("{sign}{digits}"),
        &Flags { zero: false, width: flags.width, minus: flags.minus, ..Flags::default() },
    )
}

fn padded(text: &str, flags: &Flags) -> String {
    let fill = flags.width.unwrap_or(0).saturating_sub(text.chars().count());
    match (flags.minus, flags.zero) {
        (true, _) => format!("{text}{}", " ".repeat(fill)),
        (false, true) => format!("{}{text}", "0".repeat(fill)),
        (false, false) => format!("{}{text}", " ".repeat(fill)),
    }
}

/// Go's `strconv.Quote`.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out += "\\\"",
            '\\' => out += "\\\\",
            '\u{7}' => out += "\\a",
            '\u{8}' => out += "\\b",
            '\u{c}' => out += "\\f",
            '\n' => out += "\\n",
            '\r' => out += "\\r",
            '\t' => out += "\\t",
            '\u{b}' => out += "\\v",
            c if c.is_ascii_control() => out += &format!("\\x{:02x}", u32::from(c)),
            c if c.is_control() => out += &format!("\\u{:04x}", u32::from(c)),
            c => out.push(c),
        }
    }
    out + "\""
}

/// Go's `fmt.Sprint`: a space between two values of which neither is text.
pub(super) fn print(args: &[Value]) -> String {
    let mut out = String::new();
    for (i, arg) in args.iter().enumerate() {
        let is_text = |value: &Value| matches!(value, Value::Text(_));
        if i > 0 && !is_text(arg) && !is_text(&args[i - 1]) {
            out.push(' ');
        }
        out += &arg.shown();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_as_go_writes_them() {
        let plain = [0.0, 1.0, 100_000.0, 1e6, 123_456_789.0, 0.0001, 0.00001, -2.5, 1e21, f64::INFINITY];
        assert_eq!(
            plain.map(|v| float(v, 'g', None)),
            ["0", "1", "100000", "1e+06", "1.23456789e+08", "0.0001", "1e-05", "-2.5", "1e+21", "+Inf"]
        );
        let four = [1.0, 999.95, 9_999.6, 123_456.0, 0.000_123_456, 100.0];
        assert_eq!(four.map(|v| float(v, 'g', Some(4))), ["1", "1000", "1e+04", "1.235e+05", "0.0001235", "100"]);
        assert_eq!(float(1234.5678, 'e', Some(2)), "1.23e+03");
    }

    #[test]
    fn printf_says_what_does_not_fit() {
        let float = Value::Float(6.0);
        let text = Value::text("a");
        let shown = printf(
            "%d %s %5.1f|%-4s|%05.1f %q %+v",
            &[float.clone(), float.clone(), float.clone(), text.clone(), float.clone(), text.clone(), float],
        );
        assert_eq!(shown, "%!d(float64=6) %!s(float64=6)   6.0|a   |006.0 \"a\" +6");
        assert_eq!(printf("%s", &[]), "%!s(MISSING)");
        assert_eq!(printf("x", &[text]), "x%!(EXTRA string=a)");
    }
}
