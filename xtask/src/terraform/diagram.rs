//! `cargo xtask terraform diagram`: the deployment as a picture, drawn from its files and the function map.
//!
//! Places are fixed here; what stands in the boxes, and whether an arrow is there, is read. The same files
//! give the same bytes.

mod svg;

use clap::Args;

use self::svg::{Arrow, Card, Picture};
use super::{
    FOLDER,
    map::{self, Function},
    tree::{Tree, label},
};
use crate::{
    codegen::{self, Write},
    workspace::root,
};

/// The picture.
pub(super) const PICTURE: &str = "docs/images/infrastructure-architecture.svg";

/// Draw docs/images/infrastructure-architecture.svg again, as `cargo xtask codegen` does
#[derive(Debug, Args)]
pub(super) struct Diagram {}

impl Diagram {
    #[expect(clippy::unused_self, reason = "every command is run the same way")]
    pub(super) fn run(self) -> anyhow::Result<()> {
        all(Write::Update).map(|_written| ())
    }
}

/// Draws or compares; the path if it differs.
pub(crate) fn all(write: Write) -> anyhow::Result<Option<&'static str>> {
    let tree = Tree::read(&root().join(FOLDER))?;
    let drawn = Deployment {
        functions: map::functions()?,
        tables: map::tables()?.into_iter().map(|table| table.name).collect(),
        routes: routes(&tree),
        modules: modules(&tree),
    };
    std::fs::create_dir_all(root().join("docs/images"))?;
    codegen::one(write, PICTURE, &drawn.picture().text())
}

/// What is drawn.
struct Deployment {
    functions: Vec<Function>,
    tables: Vec<String>,
    /// Routes of the HTTP API: for everybody, and for whoever has a token.
    routes: (usize, usize),
    /// Names of the modules that the root calls.
    modules: Vec<String>,
}

fn modules(tree: &Tree) -> Vec<String> {
    let of_root = tree
        .sources()
        .filter(|file| file.path.parent() == Some("".as_ref()));
    let modules = of_root.flat_map(|file| file.blocks("module"));
    modules
        .filter_map(|module| label(module, 0))
        .map(str::to_owned)
        .collect()
}

/// Routes by the lists that the module names them in.
fn routes(tree: &Tree) -> (usize, usize) {
    let number = |list: &str| {
        let locals = tree.sources().flat_map(|file| file.blocks("locals"));
        let mut lists = locals.flat_map(|locals| locals.body().attributes());
        let found = lists
            .find(|one| one.key() == list)
            .map(hcl::Attribute::expr);
        match found {
            Some(hcl::Expression::Array(routes)) => routes.len(),
            _ => 0,
        }
    };
    // `GET /health` stands beside the list.
    (number("public_routes") + 1, number("jwt_routes"))
}

impl Deployment {
    /// Functions that have a right on something whose name begins so.
    fn with_right(&self, resource: &str) -> usize {
        let has = |function: &&Function| {
            let mut rights = function.rights.iter();
            rights.any(|right| right.resource.starts_with(resource))
        };
        self.functions.iter().filter(has).count()
    }

    /// Functions that may do something.
    fn with_action(&self, action: &str) -> usize {
        let has = |function: &&Function| {
            let mut rights = function.rights.iter();
            rights.any(|right| right.actions.iter().any(|one| one == action))
        };
        self.functions.iter().filter(has).count()
    }

    fn queues(&self) -> Vec<String> {
        let all = self.functions.iter().filter_map(|function| {
            let queue = function.trigger.get("queue")?.as_str()?;
            Some(format!("{queue} → {}", function.name))
        });
        // The one of safety changes is read by the clock's function.
        let spool = self
            .functions
            .iter()
            .filter(|function| function.trigger == "schedule");
        let spool = spool.map(|function| format!("safety-spool → {}", function.name));
        all.chain(spool).collect()
    }

    fn named(&self, wanted: impl Fn(&Function) -> bool) -> Vec<String> {
        let all = self.functions.iter().filter(|function| wanted(function));
        all.map(|function| function.name.clone()).collect()
    }

    fn has(&self, module: &str) -> bool {
        self.modules.iter().any(|name| name == module)
    }

    fn picture(&self) -> Picture {
        let mut picture = Picture::new(
            "The deployment on AWS",
            "An app signs in at the user pool, talks through the WebSocket API and asks for its account \
             through the HTTP API. Functions answer, keep everything in tables, and hand work to each \
             other through queues. The graph is in the tables or in a database inside a VPC.",
        );
        self.outside(&mut picture);
        self.doors(&mut picture);
        self.inside(&mut picture);
        self.kept(&mut picture);
        self.around(&mut picture);
        self.arrows(&mut picture);
        picture
    }

    fn outside(&self, picture: &mut Picture) {
        picture.boxes.push(Card::plain(
            (24, 196),
            168,
            "App or browser",
            &["what a teen holds"],
        ));
        let readers = self.with_action("secretsmanager:GetSecretValue");
        if readers > 0 {
            picture.boxes.push(Card::plain(
                (24, 590),
                168,
                "Model provider",
                &["OpenRouter"],
            ));
            picture
                .boxes
                .push(Card::plain((24, 96), 168, "Apple", &["Sign in with Apple"]));
        }
    }

    fn doors(&self, picture: &mut Picture) {
        let triggers = self.named(|function| function.name.starts_with("cognito-"));
        let mut lines = vec!["user pool, app client".to_owned()];
        lines.extend(triggers);
        picture
            .boxes
            .push(Card::module((250, 96), 226, "cognito", &lines));
        let (open, secured) = self.routes;
        let lines = [
            "$connect: authorizer".to_owned(),
            "$default: by type".to_owned(),
            "$disconnect".to_owned(),
        ];
        picture.boxes.push(Card::module(
            (250, 262),
            226,
            "lambda: WebSocket API",
            &lines,
        ));
        let lines = [
            format!("{open} routes for everybody"),
            format!("{secured} routes with a token"),
        ];
        picture
            .boxes
            .push(Card::module((250, 410), 226, "lambda: HTTP API", &lines));
    }

    fn inside(&self, picture: &mut Picture) {
        let has_trigger = |function: &Function, names: &[&str]| {
            names.iter().any(|name| function.trigger == *name)
        };
        let door = [
            "connect_authorizer",
            "connect",
            "disconnect",
            "health_route",
        ];
        let mut lines =
            self.named(|function| has_trigger(function, &["default", "account_routes"]));
        lines.extend(self.named(|function| has_trigger(function, &door)));
        let invoked = |function: &Function| function.trigger == "invoke" && !function.in_vpc;
        lines.extend(self.named(invoked));
        let behind = |function: &Function| {
            let queued = function.trigger.get("queue").is_some();
            (queued || function.trigger == "schedule") && !function.in_vpc
        };
        lines.extend(self.named(behind));
        picture
            .boxes
            .push(Card::module((534, 96), 226, "lambda: functions", &lines));
        if self.has("networking") {
            picture
                .frames
                .push(((518, 410), (646, 152), "networking: a VPC for the graph"));
        }
        let lines = self.named(|function| function.in_vpc);
        picture.boxes.push(Card::module(
            (534, 446),
            226,
            "lambda: of the graph",
            &lines,
        ));
        if self.has("neptune") {
            let lines = ["cluster, port 8182".to_owned(), "IAM, encrypted".to_owned()];
            picture
                .boxes
                .push(Card::module((922, 446), 226, "neptune", &lines));
        }
    }

    fn kept(&self, picture: &mut Picture) {
        picture
            .boxes
            .push(Card::module((922, 96), 226, "dynamodb", &self.tables));
        let mut lines = self.queues();
        lines.push("and one of failures for each".to_owned());
        picture
            .boxes
            .push(Card::module((534, 590), 290, "lambda: queues", &lines));
        let lines = [
            "KMS key of the product".to_owned(),
            "openai/api-key".to_owned(),
            "apple/signin-key".to_owned(),
        ];
        picture
            .boxes
            .push(Card::module((922, 590), 226, "secrets", &lines));
        if self.with_right("bucket/exports") > 0 {
            let lines = ["sealed, deleted after a day".to_owned()];
            picture
                .boxes
                .push(Card::module((250, 590), 226, "lambda: exports", &lines));
        }
    }

    fn around(&self, picture: &mut Picture) {
        if self.has("monitoring") {
            let lines = ["alarms, dashboard, topic".to_owned()];
            picture
                .boxes
                .push(Card::module((922, 728), 226, "monitoring", &lines));
        }
        let lines = ["bucket and table of locks".to_owned()];
        picture.boxes.push(Card::module(
            (250, 728),
            226,
            "shared: Terraform's state",
            &lines,
        ));
    }

    fn arrows(&self, picture: &mut Picture) {
        let mut arrow = |points: &[(i32, i32)], text: &str, at: (i32, i32)| {
            picture.arrows.push(Arrow::new(points, text, at));
        };
        arrow(&[(192, 127), (250, 127)], "", (0, 0));
        let sign_in = [(108, 196), (108, 180), (221, 180), (221, 200), (250, 200)];
        arrow(&sign_in, "signs in", (168, 174));
        arrow(
            &[(192, 230), (221, 230), (221, 310), (250, 310)],
            "wss",
            (208, 224),
        );
        arrow(&[(108, 262), (108, 454), (250, 454)], "https", (172, 448));
        arrow(&[(476, 308), (534, 308)], "", (0, 0));
        arrow(
            &[(476, 440), (488, 440), (488, 326), (534, 326)],
            "",
            (0, 0),
        );
        if self.with_right("websocket/connections") > 0 {
            arrow(&[(534, 286), (476, 286)], "frames", (505, 280));
        }
        let tables = self.with_right("table/");
        arrow(
            &[(760, 170), (922, 170)],
            &format!("{tables} functions"),
            (841, 163),
        );
        if self.with_right("queue/") > 0 {
            arrow(&[(790, 590), (790, 350), (760, 350)], "", (0, 0));
            arrow(&[(760, 334), (776, 334), (776, 590)], "", (0, 0));
        }
        let keys = self.with_right("key/product");
        if keys > 0 {
            let text = format!("{keys} functions");
            let path = [(760, 300), (870, 300), (870, 640), (922, 640)];
            arrow(&path, &text, (815, 293));
        }
        if self.with_right("graph/cluster") > 0 {
            arrow(&[(760, 494), (922, 494)], "signed queries", (846, 487));
        }
        if self.with_right("secret/openai/api-key") > 0 {
            let path = [(534, 342), (510, 342), (510, 552), (108, 552), (108, 590)];
            arrow(&path, "texts", (172, 546));
        }
        if self.with_right("bucket/exports") > 0 {
            arrow(
                &[(534, 352), (499, 352), (499, 623), (476, 623)],
                "",
                (0, 0),
            );
        }
    }
}
