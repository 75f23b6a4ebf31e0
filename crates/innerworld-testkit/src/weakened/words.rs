//! Words that anybody may print.

/// What [`innerworld_core::secret::Text`] would be if its `Debug` printed the words.
#[derive(Clone, Debug)]
pub struct Loud(pub String);
