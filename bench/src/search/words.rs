//! Words as people use them: few all the time, most of them hardly ever.

/// How many words there are.
const WORDS: u64 = 20_000;

/// Chance that comes out the same every time: SplitMix64.
#[derive(Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_F491_4F6C_DD1D))
    }

    /// A number below `end`.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % end
    }

    /// Words with blanks between them. The word of rank n comes about n times less often than the first.
    pub(super) fn text(&mut self, count: usize) -> String {
        let word = |_| {
            let part = self.below(1 << 32) as f64 / f64::from(u32::MAX);
            word((WORDS as f64).powf(part) as u64 - 1)
        };
        (0..count).map(word).collect::<Vec<_>>().join(" ")
    }

    /// A word that is in one of four to one of thirty notifications.
    pub(super) fn common(&mut self) -> String {
        word(2 + self.below(30))
    }

    /// A word that is in one of some thousand.
    pub(super) fn rare(&mut self) -> String {
        word(2_000 + self.below(10_000))
    }
}

/// The word of a rank: syllables, so that beginnings are shared as in real words.
fn word(rank: u64) -> String {
    const SYLLABLES: [&str; 20] = [
        "ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu",
        "va", "we", "xi", "yo", "zu",
    ];
    // An odd factor, so that neighbours in rank are none in the alphabet.
    let mut number = (rank * 7_919) % 160_000;
    let mut word = String::new();
    for _ in 0..4 {
        word.push_str(SYLLABLES[(number % 20) as usize]);
        number /= 20;
    }
    word
}
