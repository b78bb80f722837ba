//! "Did you mean": the closest of a set of known names.

/// The candidate closest to `name`, if one is close enough to be worth suggesting.
///
/// Ties go to the first candidate, so the answer does not depend on anything but the order given.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (candidate, similarity(&lower, &candidate.to_lowercase())))
        .filter(|(_, score)| *score >= 0.7)
        .fold(None::<(&str, f64)>, |best, (candidate, score)| match best {
            Some((_, top)) if top >= score => best,
            _ => Some((candidate, score)),
        })
        .map(|(candidate, _)| candidate)
}

fn similarity(a: &str, b: &str) -> f64 {
    // Names longer than this are never typed by hand, and the comparison is quadratic.
    if a.len() > 256 || b.len() > 256 {
        return 0.0;
    }
    strsim::jaro_winkler(a, b).min(0.5 + strsim::normalized_damerau_levenshtein(a, b))
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn suggests_a_close_name_and_nothing_for_a_far_one() {
        let names = ["namespace", "service_account", "role", "role_binding"];
        assert_eq!(closest("namspace", names), Some("namespace"));
        assert_eq!(closest("Role", names), Some("role"));
        assert_eq!(closest("rolebinding", names), Some("role_binding"));
        assert_eq!(closest("secret", names), None);
    }
}
