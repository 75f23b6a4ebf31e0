//! Numbers in one byte each.

/// Greatest stored step.
const STEPS: f32 = 127.0;

/// The numbers as steps, and the length of a step; zero if they are all zero.
pub(super) fn in_steps(numbers: &[f32]) -> (Vec<i8>, f32) {
    let most = numbers.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
    let scale = most / STEPS;
    let step = |x: &f32| {
        if scale > 0.0 {
            (x / scale).round() as i8
        } else {
            0
        }
    };
    (numbers.iter().map(step).collect(), scale)
}
