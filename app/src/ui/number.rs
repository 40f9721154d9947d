//! Numbers as people read them.

/// "1,840": thousands apart.
pub fn grouped(number: impl Into<i64>) -> String {
    let number: i64 = number.into();
    let digits = number.unsigned_abs().to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        grouped.push('−');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        let written: Vec<_> = [0_i64, 12, 999, 1_000, 1_234_567, -1_840]
            .map(grouped)
            .into();
        assert_eq!(written, ["0", "12", "999", "1,000", "1,234,567", "−1,840"]);
    }
}
