//! A server whose stores fail, or in which the process dies, as a test decides.

use std::sync::Arc;

use innerworld_core::{
    calendar::day_in,
    clock::Clock as _,
    model::chat_model::ChatModel,
    safety::{
        content::{Content, Files},
        desk::Desk,
    },
};
use innerworld_embedded::Embedded;
use innerworld_engine::{safeguards::Safeguards, services::Settings};
use innerworld_language::output_screen::Screen;
use innerworld_testkit::{
    FakeClock,
    fates::{Fated, Fates},
    scripted_screen::ScriptedScreen,
};

use super::World;

impl World {
    /// Starts a server over stores whose calls `fates` decides about, with a screen that finds what a
    /// message says it shall find.
    pub(crate) async fn fated(
        stores: Embedded,
        clock: Arc<FakeClock>,
        (model, settings): (Arc<dyn ChatModel>, Settings),
        fates: &Arc<Fates>,
    ) -> Self {
        let today = day_in("UTC", clock.now());
        Self::build(stores, clock, (model, settings), |services, _cognito| {
            let fates = || Arc::clone(fates);
            services.conversations =
                Arc::new(Fated::new(Arc::clone(&services.conversations), fates()));
            services.safety = Arc::new(Fated::new(Arc::clone(&services.safety), fates()));
            services.spool = Arc::new(Fated::new(Arc::clone(&services.spool), fates()));
            let content = Content::load(&Files::shipped()).unwrap();
            services.safeguards.replace(Safeguards {
                desk: Desk::new(content, &[7; 32], Arc::new(ScriptedScreen), today),
                output: Arc::new(Screen::shipped(Vec::new()).unwrap()),
            });
        })
        .await
    }
}
