//! What speaks against a finding: then it is a suspicion, and nobody is woken.
//!
//! Each doubt was found where healthy series of the halves that train and leaks of theirs differ (docs/detection.md).

use nidoto_core::Words;

use super::found::{Found, Tier, highest, known, lowest, middle};
use super::history::{HOURS, History};

/// A rise may begin below the usual floor by this share of it.
const BELOW_MAX: f64 = 0.02;
/// A slow leak that has less time than this gets no doubt, in hours.
const URGENT_H: f64 = 24.0;
/// What rises by more in an hour, from the beginning, is a burst,
const BURST: f64 = 7.0;
/// until peaks stand here.
const BURST_PEAK: f64 = 95.0;
/// With fewer hours known before a rise,
const BEFORE_MIN: usize = 72;
/// peaks stand here before anybody is woken.
const UNKNOWN_PEAK: f64 = 93.0;
/// What fell by so much within two days, and was not restarted, frees what it holds
const FREED_MIN: f64 = 25.0;
/// if its days are calmer than that,
const CALM_DAY: f64 = 20.0;
/// and must stand this far above all that was before.
const NEW_HIGH: f64 = 10.0;
/// What nobody restarts has room while its peaks stand below this.
const ROOM: f64 = 80.0;
/// Lives whose last day stays below half of the limit have time.
const HALF: f64 = 50.0;

/// What speaks against a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It rises from below the usual floor: it may only come back to it, and a little more.
    ComesBack,
    /// A burst of requests goes as it came; a leak is seldom so fast.
    Burst,
    /// Hardly anything is known of what is usual.
    Unknown,
    /// It has given back more than this before, on days that are calm.
    FreesItself,
    /// Restarts come long before the limit.
    FarOff,
    /// Nothing is known to be restarted: a store fills to what it is told to keep, and there is room.
    Fills,
}

/// What speaks against a finding, if anything does.
pub fn of(history: &History, found: &Found) -> Option<Doubt> {
    let is_urgent = || found.reach_h.is_some_and(|(_, reach_h, _)| reach_h <= URGENT_H);
    let doubts: &[Doubt] = match found.tier {
        Tier::Brink => &[Doubt::ComesBack, Doubt::Burst, Doubt::Unknown],
        Tier::Fast => &[Doubt::ComesBack],
        Tier::Slow if is_urgent() => &[Doubt::FreesItself, Doubt::Fills],
        Tier::Slow => &[Doubt::ComesBack, Doubt::FreesItself, Doubt::Fills],
        Tier::Masked => &[Doubt::FarOff],
        Tier::Reached | Tier::Suspect => &[],
    };
    doubts.iter().copied().find(|doubt| doubt.holds(history, found))
}

impl Doubt {
    fn holds(self, history: &History, found: &Found) -> bool {
        match self {
            Self::ComesBack => comes_back(history, found),
            Self::Burst => is_burst(history, found),
            Self::Unknown => is_unknown(history, found),
            Self::FreesItself => frees_itself(history, found),
            Self::Fills => !history.knows_starts && history.peak[HOURS - 1] < ROOM,
            Self::FarOff => highest(&history.peak[HOURS - 25..]).is_some_and(|peak| peak <= HALF),
        }
    }

    /// It in words, to be added to a finding.
    pub fn words(self) -> Words {
        let (en, ja) = match self {
            Self::ComesBack => {
                ("it rises from below its usual level", "普段より低い所からの上昇で、元に戻るだけかもしれません")
            }
            Self::Burst => ("it rises as fast as a burst", "一時的な急増と同じ速さです"),
            Self::Unknown => ("hardly three days are known", "まだ 3 日分ほどしか分かっていません"),
            Self::FreesItself => ("it fell as far before without a restart", "以前、再起動なしに同じほど下がりました"),
            Self::Fills => (
                "it may fill to what it keeps, and there is room",
                "決まった量まで溜まるだけかもしれず、まだ空きがあります",
            ),
            Self::FarOff => ("restarts keep it below half of the limit", "再起動により限度の半分に届いていません"),
        };
        Words::new(format!("; doubted: {en}"), format!("。ただし{ja}"))
    }
}

fn comes_back(history: &History, found: &Found) -> bool {
    let floor = &history.floor;
    let start = floor.get(found.from..found.from + 3).and_then(lowest);
    let (Some(usual), Some(start), Some(now)) = (middle(&floor[..found.from]), start, highest(&floor[HOURS - 3..]))
    else {
        return false;
    };
    usual - start > BELOW_MAX * (now - start)
}

fn is_burst(history: &History, found: &Found) -> bool {
    let half = found.from + (HOURS - found.from) / 2;
    let points = known(&history.floor[found.from..=half]);
    let slope = points.first().zip(points.last()).map(|(first, last)| (last.1 - first.1) / (last.0 - first.0));
    slope.is_some_and(|slope| slope > BURST) && history.peak[HOURS - 1] <= BURST_PEAK
}

fn is_unknown(history: &History, found: &Found) -> bool {
    history.known_hours() + found.from < BEFORE_MIN + HOURS && history.peak[HOURS - 1] < UNKNOWN_PEAK
}

fn frees_itself(history: &History, found: &Found) -> bool {
    let floor = &history.floor;
    let begin = HOURS - history.known_hours();
    let is_one_life = |i: &usize| !history.starts.iter().any(|start| (i - 48..=*i).contains(start));
    let has_fallen = (begin + 48..found.from).any(|i| floor[i - 48] - floor[i] > FREED_MIN && is_one_life(&i));
    let range = |day: &[f64]| Some(highest(day)? - lowest(day)?);
    let days: Vec<f64> = floor[begin.min(found.from)..found.from].rchunks_exact(24).filter_map(range).collect();
    let is_calm = middle(&days).is_some_and(|range| range <= CALM_DAY);
    let before = highest(&floor[..found.from]);
    let is_news = middle(&floor[HOURS - 3..]).zip(before).is_some_and(|(now, before)| now > before + NEW_HIGH);
    has_fallen && is_calm && !is_news
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A history of floors with peaks three above them, all of one life.
    fn history(floor: impl Fn(usize) -> f64) -> History {
        let floor: Vec<f64> = (0..HOURS).map(floor).collect();
        let peak = floor.iter().map(|floor| floor + 3.0).collect();
        History { floor, peak, starts: vec![], knows_starts: true, is_lazy: false, rhythm: Some(3) }
    }

    fn found(tier: Tier, hours: usize, reach_h: f64) -> Found {
        let reach_h = Some((reach_h, reach_h, reach_h));
        Found { tier, slope: 1.0, floor: 50.0, swing: 3.0, reach_h, from: HOURS - hours, lives: None, doubt: None }
    }

    /// A floor of 40, but for its last hours.
    fn at_the_end(hours: usize, last: impl Fn(usize) -> f64) -> History {
        history(|i| if i < HOURS - hours { 40.0 } else { last(i + hours - HOURS) })
    }

    #[test]
    fn what_comes_back_to_the_usual_is_doubted_unless_it_is_urgent() {
        let (from_below, from_usual) = (at_the_end(48, |i| 20.0 + i as f64), at_the_end(48, |i| 40.0 + i as f64));
        assert_eq!(of(&from_below, &found(Tier::Slow, 48, 40.0)), Some(Doubt::ComesBack));
        assert_eq!(of(&from_below, &found(Tier::Fast, 48, 12.0)), Some(Doubt::ComesBack));
        assert_eq!(of(&from_below, &found(Tier::Slow, 48, 20.0)), None);
        assert_eq!(of(&from_usual, &found(Tier::Slow, 48, 40.0)), None);
    }

    #[test]
    fn a_burst_must_come_closer() {
        let rising = |from: f64, pace: f64| at_the_end(5, move |i| from + pace * i as f64);
        assert_eq!(of(&rising(44.0, 10.0), &found(Tier::Brink, 5, 1.0)), Some(Doubt::Burst));
        assert_eq!(of(&rising(54.0, 10.0), &found(Tier::Brink, 5, 1.0)), None);
        assert_eq!(of(&rising(60.0, 6.0), &found(Tier::Brink, 5, 1.0)), None);
    }

    #[test]
    fn little_is_known_in_the_first_days() {
        let known_for = |hours: usize, top: f64| {
            history(|i| if i < HOURS - hours { f64::NAN } else { (40.0_f64).max(top - 2.0 * (HOURS - 1 - i) as f64) })
        };
        assert_eq!(of(&known_for(70, 88.0), &found(Tier::Brink, 9, 4.0)), Some(Doubt::Unknown));
        assert_eq!(of(&known_for(70, 91.0), &found(Tier::Brink, 9, 4.0)), None);
        assert_eq!(of(&known_for(90, 88.0), &found(Tier::Brink, 9, 4.0)), None);
    }

    #[test]
    fn what_freed_itself_before_may_again() {
        let after_a_fall = |top: f64| {
            history(move |i| match i {
                100..=140 => 40.0 + (i - 100) as f64,
                _ if i >= HOURS - 48 => 40.0 + (top - 40.0) * (i + 49 - HOURS) as f64 / 48.0,
                _ => 40.0,
            })
        };
        assert_eq!(of(&after_a_fall(85.0), &found(Tier::Slow, 48, 10.0)), Some(Doubt::FreesItself));
        assert_eq!(of(&after_a_fall(95.0), &found(Tier::Slow, 48, 10.0)), None);
        let restarted = History { starts: vec![141], ..after_a_fall(85.0) };
        assert_eq!(of(&restarted, &found(Tier::Slow, 48, 10.0)), None);
    }

    #[test]
    fn what_nobody_restarts_may_fill_to_what_it_keeps() {
        let store = |top: f64| {
            let rising = at_the_end(48, move |i| 40.0 + (top - 40.0) * i as f64 / 47.0);
            History { knows_starts: false, ..rising }
        };
        assert_eq!(of(&store(76.0), &found(Tier::Slow, 48, 40.0)), Some(Doubt::Fills));
        assert_eq!(of(&store(78.0), &found(Tier::Slow, 48, 40.0)), None);
        let process = History { knows_starts: true, ..store(76.0) };
        assert_eq!(of(&process, &found(Tier::Slow, 48, 40.0)), None);
    }

    #[test]
    fn masked_far_from_the_limit() {
        let found = Found { tier: Tier::Masked, reach_h: None, ..found(Tier::Masked, 200, 0.0) };
        assert_eq!(of(&history(|_| 40.0), &found), Some(Doubt::FarOff));
        assert_eq!(of(&history(|_| 48.0), &found), None);
    }
}
