//! Puts numbered keys in order, as a stable sort would, in time linear in their count.

/// Bits of a key that one pass looks at.
const PASS_BITS: u32 = 9;
const BUCKETS: usize = 1 << PASS_BITS;

/// Below this number of keys, comparing is faster than counting.
const COUNTED_MIN: usize = 96;

/// A key, and which one it was before they were put in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Numbered(u64);

impl Numbered {
    fn new((number, key): (u64, u32)) -> Numbered {
        Numbered(u64::from(key) << 32 | number)
    }

    pub(super) fn key(self) -> u32 {
        (self.0 >> 32) as u32
    }

    pub(super) fn number(self) -> u32 {
        self.0 as u32
    }
}

/// The keys in order, equal ones in the order they came in. Every key is below `keys_max`, and there are fewer than
/// four billion.
pub(super) fn by_key(keys: impl Iterator<Item = u32>, keys_max: usize) -> Vec<Numbered> {
    let mut order: Vec<Numbered> = (0..).zip(keys).map(Numbered::new).collect();
    if order.len() < COUNTED_MIN {
        order.sort_unstable();
        return order;
    }
    let mut sorted = order.clone();
    let bits = usize::BITS - keys_max.leading_zeros();
    for shift in (32..32 + bits.min(32)).step_by(PASS_BITS as usize) {
        pass(&order, &mut sorted, shift);
        std::mem::swap(&mut order, &mut sorted);
    }
    order
}

/// Puts the keys in the order of a few of their bits.
fn pass(order: &[Numbered], sorted: &mut [Numbered], shift: u32) {
    let bucket = |numbered: &Numbered| (numbered.0 >> shift) as usize % BUCKETS;
    let mut ends = [0u32; BUCKETS];
    order.iter().for_each(|numbered| ends[bucket(numbered)] += 1);
    let mut sum = 0;
    for end in &mut ends {
        sum += std::mem::replace(end, sum);
    }
    for numbered in order {
        let end = &mut ends[bucket(numbered)];
        sorted[*end as usize] = *numbered;
        *end += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(count: u32, keys_max: u32) {
        let keys: Vec<u32> = (0..count).map(|at| at.wrapping_mul(0x9E37_79B9) % keys_max).collect();
        let mut expected: Vec<u32> = (0..count).collect();
        expected.sort_by_key(|&at| keys[at as usize]);
        let order = by_key(keys.iter().copied(), keys_max as usize);
        assert!(order.iter().all(|numbered| numbered.key() == keys[numbered.number() as usize]));
        let order: Vec<u32> = order.iter().map(|numbered| numbered.number()).collect();
        assert_eq!(order, expected, "{count} keys below {keys_max}");
    }

    #[test]
    fn keys_come_in_order_and_equal_ones_as_they_came() {
        for count in [0, 1, 50, COUNTED_MIN as u32, 1000] {
            check(count, 1);
            check(count, 40);
            check(count, 200_000);
            check(count, u32::MAX);
        }
    }
}
