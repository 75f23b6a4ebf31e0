//! How much a teen's memory may hold (memory.md 10). Over a bound the least supported and oldest
//! goes first; see [`super::fold`].

/// Evidence turns.
pub const TURNS: usize = 20_000;
/// Nodes, the teen included.
pub const NODES: usize = 5_000;
/// Edges.
pub const EDGES: usize = 20_000;
/// Other names of a node.
pub const ALIASES: usize = 16;
/// Assertions kept apart per edge; older ones become one summary.
pub const ASSERTIONS: usize = 64;
/// Turn ids kept with a node or a summary.
pub const TURN_IDS: usize = 64;
/// Distinct things one session may bring.
pub const PATCH_NODES: usize = 40;
/// Relations one session may bring, `mentions` aside.
pub const PATCH_EDGES: usize = 60;
/// Mentions one session may bring.
pub const PATCH_MENTIONS: usize = 200;
/// Characters of a name or an attribute's value.
pub const NAME_CHARS: usize = 80;
/// Characters of a stored turn.
pub const TURN_CHARS: usize = 2_000;
/// Items of one page of a view.
pub const PAGE: usize = 100;
/// Days within which nothing is dropped for lack of room.
pub const FRESH_DAYS: u32 = 7;
