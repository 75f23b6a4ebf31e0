//! A deployment in which somebody is erased: tables, queues, a graph, a bucket, a user pool.

use std::time::Duration;

use innerworld_aws::{
    ConnectionRow, ExportBucket, GraphDatabase, GraphReaderFunction, PrivacyJob, PrivacyQueue,
    PrivacyTask, Queue, SessionJob, SessionTask,
};
use innerworld_core::{
    ids::TeenId,
    memory::{
        job::{JobKind, MemoryJob},
        ontology::NodeKind,
        store::GraphStore,
    },
};
use innerworld_lambda::exports::StoredExports;
use innerworld_testkit::{
    fifo_queue::FifoQueue,
    lambda::{LambdaDouble, LambdaService, Outcome},
    records::Records,
};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

use crate::{
    graph::house::{House, Silent},
    place::{Place, address, at_address, call, wall_clock},
    queues::queue,
};

const MOTO: &str = "INNERWORLD_TEST_S3";
const SQS: &str = "INNERWORLD_TEST_SQS";
const DAY: Duration = Duration::from_secs(86_400);

/// Everything that the function works on.
pub(super) struct Home {
    pub(super) place: Place,
    pub(super) house: House,
    pub(super) records: Records,
    pub(super) sessions: FifoQueue,
    pub(super) graph: FifoQueue,
    pub(super) privacy: FifoQueue,
    pub(super) pool: String,
    pub(super) bucket: String,
    pub(super) service: LambdaService,
    /// Queues whose messages were consumed, in their order.
    consumed: Mutex<Vec<&'static str>>,
}

impl Home {
    pub(super) async fn new(name: &str) -> Self {
        let (place, house) = (Place::new().await, House::new().await);
        // Another name in each process: the peers may be those of an earlier one.
        let records = Records::named(&format!("{name} {}", std::process::id()));
        let made = json!({"PoolName": name});
        let made = cognito("CreateUserPool", made).await;
        let bucket = format!("exports-{:032x}", records.bits());
        put_bucket(&bucket).await;
        let service = LambdaService::start().await;
        let reader = env!("CARGO_BIN_EXE_graph-reader");
        service.deploy(place.deployment("graph-reader", reader, &house.variables()));
        Self {
            sessions: queue("session-ended").await,
            graph: queue("graph-writes").await,
            privacy: queue("privacy-jobs").await,
            pool: made["UserPool"]["Id"].as_str().unwrap().to_owned(),
            bucket,
            service,
            place,
            house,
            records,
            consumed: Mutex::default(),
        }
    }

    /// The function's program; `other` is told in the place of what it would be told.
    pub(super) fn worker(&self, other: &[(&'static str, String)]) -> LambdaDouble {
        let mut told = vec![
            ("GRAPH_BACKEND", "neptune".to_owned()),
            ("SESSION_QUEUE_URL", self.sessions.url().to_owned()),
            ("GRAPH_QUEUE_URL", self.graph.url().to_owned()),
            ("PRIVACY_QUEUE_URL", self.privacy.url().to_owned()),
            ("EXPORT_BUCKET", self.bucket.clone()),
            ("COGNITO_USER_POOL_ID", self.pool.clone()),
            ("AWS_ENDPOINT_URL_SQS", address(SQS)),
            ("AWS_ENDPOINT_URL_S3", address(MOTO)),
            ("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", address(MOTO)),
            ("AWS_ENDPOINT_URL_LAMBDA", self.service.endpoint()),
        ];
        told.retain(|(name, _)| !other.iter().any(|(known, _)| known == name));
        told.extend(other.iter().cloned());
        let program = env!("CARGO_BIN_EXE_privacy-worker");
        LambdaDouble::new(self.place.deployment("privacy-worker", program, &told))
    }

    /// Memory as the session processor has it, with patches that wait.
    pub(super) fn memory(&self) -> Arc<dyn GraphStore> {
        let config = at_address(&self.service.endpoint());
        let reader = GraphReaderFunction::new(&config, "graph-reader".to_owned());
        self.place.aws.graph_in(GraphDatabase {
            pages: Arc::new(reader),
            writes: Some(Arc::new(Silent)),
            laid_down: false,
        })
    }

    pub(super) fn exports(&self) -> Arc<StoredExports> {
        let (config, url) = (at_address(&address(SQS)), self.privacy.url().to_owned());
        let queue = PrivacyQueue::new(Queue::new(&config, url, Duration::from_secs(5)));
        StoredExports::new(self.place.aws.export_desk(), self.objects(), queue)
    }

    pub(super) fn objects(&self) -> ExportBucket {
        let place = (self.bucket.clone(), self.place.kms_key().to_owned());
        ExportBucket::new(&at_address(&address(MOTO)), place, Duration::from_secs(10))
    }

    /// Does what the consumers of the other queues do, until nobody waits for it any more.
    pub(super) async fn consume(&self) {
        let program = env!("CARGO_BIN_EXE_graph-writer");
        let told = self.house.variables();
        let function = self.place.deployment("graph-writer", program, &told);
        let mut writer = LambdaDouble::new(function);
        loop {
            if let Some(event) = self.graph.next(0).await {
                let answer = answered(writer.invoke(event.to_string()).await);
                assert_eq!(answer, nothing_again(), "{event}");
                self.graph.delete(&event).await;
                self.consumed.lock().unwrap().push("graph-writes");
            } else if let Some(event) = self.sessions.next(0).await {
                let body = event["Records"][0]["body"].as_str().unwrap();
                let job = SessionJob::parse(body).unwrap();
                let SessionTask::Marker { job: marker } = job.task else {
                    panic!("no marker");
                };
                let aws = &self.place.aws;
                aws.pass_session_marker(job.teen, &marker).await.unwrap();
                self.sessions.delete(&event).await;
                self.consumed.lock().unwrap().push("session-ended");
            } else {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// How many messages of this queue were consumed.
    pub(super) fn consumed(&self, queue: &str) -> usize {
        let consumed = self.consumed.lock().unwrap();
        consumed.iter().filter(|one| **one == queue).count()
    }

    /// A teen of whom something lies everywhere.
    pub(super) async fn settle(&self, apple: bool) -> TeenId {
        let (aws, records) = (&self.place.aws, &self.records);
        let (teen, now) = (records.teen(), wall_clock());
        aws.accounts()
            .create(&records.account(teen), &records.credential())
            .await
            .unwrap();
        if apple {
            let grant = records.provider_grant();
            aws.federation().put_grant(teen, &grant).await.unwrap();
        }
        aws.profiles().put(teen, &records.profile()).await.unwrap();
        let consent = records.consent(innerworld_core::identity::consent::Purpose::Terms, 0);
        aws.consents().append(teen, &[consent]).await.unwrap();
        aws.journal()
            .put(teen, &records.journal(now))
            .await
            .unwrap();
        let used = records.usage("provider", now);
        aws.usage().started(teen, &used).await.unwrap();
        let change = records.safety_commit(teen, 0);
        aws.safety().commit(&change, now).await.unwrap();
        self.talk(teen).await;
        self.remembered(teen).await;
        self.sign_up(teen).await;
        let document = b"{}".to_vec();
        self.objects().put_to_fetch(teen, document).await.unwrap();
        teen
    }

    /// An open session with a message, where it is listened to.
    async fn talk(&self, teen: TeenId) {
        let (aws, now) = (&self.place.aws, wall_clock());
        let session = self.records.session_at(teen, now);
        let talk = aws.conversations();
        let first = self.records.event(1);
        talk.open_session(&session, &[first]).await.unwrap();
        let turn = self.records.turn(&session, 0, 2);
        let accept = self.records.accept(teen, &turn);
        talk.accept(accept, now).await.unwrap();
        let row = ConnectionRow {
            connection: format!("c{:016x}", self.records.bits() >> 64),
            teen,
            session: Some(session.id),
            connected_at: now,
            token_expires_at: now.plus(DAY),
            last_seen_at: now,
            protocol: "innerworld.v1".to_owned(),
            expires_at: now.plus(DAY),
        };
        aws.connections().put(&row).await.unwrap();
        let context = json!({
            "TableName": self.place.names().session_context,
            "Item": {"user_id": {"S": teen.to_string()}, "session_id": {"S": session.id.to_string()}},
        });
        call(
            "DYNAMODB",
            ("dynamodb", "DynamoDB_20120810.PutItem"),
            context,
        )
        .await;
        let job = self.records.remember(teen, session.id, now);
        aws.jobs().enqueue(&job).await.unwrap();
    }

    /// A session in the graph, and one whose patch waits for it.
    async fn remembered(&self, teen: TeenId) {
        let (store, records) = (self.memory(), &self.records);
        for generation in 0..2 {
            let mut write = records.session_write(records.session_id(generation), generation);
            let node = records.node(NodeKind::Topic, &format!("music {generation}"));
            write.delta.put_nodes.push(node);
            store.write(teen, &write).await.unwrap();
            if generation == 0 {
                let program = env!("CARGO_BIN_EXE_graph-writer");
                let told = self.house.variables();
                let function = self.place.deployment("graph-writer", program, &told);
                let task = innerworld_aws::GraphTask::Apply { generation: 1 };
                let body = innerworld_aws::GraphJob { teen, task }.to_body();
                let answer = LambdaDouble::new(function).invoke(delivery(&body)).await;
                assert_eq!(answered(answer), nothing_again());
            }
        }
        assert!(!self.house.fake.contents().nodes.is_empty());
    }

    /// An account whose subject is the teen's, as the pool has it: the peer gives subjects of its own,
    /// so it is told.
    async fn sign_up(&self, teen: TeenId) {
        let user = json!({
            "UserPoolId": self.pool, "Username": teen.to_string(),
            "MessageAction": "SUPPRESS",
            "UserAttributes": [{"Name": "email", "Value": "robin@example.org"}],
        });
        cognito("AdminCreateUser", user).await;
    }

    /// Names of the pool's accounts.
    pub(super) async fn accounts(&self) -> Vec<String> {
        let listed = cognito("ListUsers", json!({"UserPoolId": self.pool})).await;
        let users = listed["Users"].as_array().unwrap().clone();
        let name = |user: &Value| user["Username"].as_str().unwrap().to_owned();
        users.iter().map(name).collect()
    }

    /// Asks for an erasure as the account routes do: the job is durable before anything else.
    pub(super) async fn ask_to_erase(&self, teen: TeenId) -> String {
        let job = MemoryJob {
            teen,
            kind: JobKind::Erase,
            not_before: wall_clock(),
            attempts: 0,
        };
        self.place.aws.jobs().enqueue(&job).await.unwrap();
        wake(teen)
    }

    /// Every item of every table in which the teen is named.
    pub(super) async fn named(&self, teen: TeenId) -> Vec<Value> {
        let mut found = Vec::new();
        for schema in innerworld_aws::TABLES {
            let mut from = Value::Null;
            loop {
                let mut scan = json!({"TableName": self.place.names().of(schema.table)});
                if !from.is_null() {
                    scan["ExclusiveStartKey"] = from;
                }
                let page = call("DYNAMODB", ("dynamodb", "DynamoDB_20120810.Scan"), scan).await;
                let items = page["Items"].as_array().unwrap().iter();
                let id = teen.to_string();
                found.extend(items.filter(|item| item.to_string().contains(&id)).cloned());
                from = page["LastEvaluatedKey"].clone();
                if from.is_null() {
                    break;
                }
            }
        }
        found
    }

    /// Nothing is left of the teen but the tombstone.
    pub(super) async fn is_buried(&self, teen: TeenId) {
        let left = self.named(teen).await;
        assert_eq!(left.len(), 1, "{left:?}");
        let tombstone = left[0].as_object().unwrap();
        let mut names: Vec<&str> = tombstone.keys().map(String::as_str).collect();
        names.sort_unstable();
        let expected = ["buried_at", "ends_ms", "expires_at", "item", "user_id"];
        assert_eq!(names, expected);
        assert_eq!(tombstone["item"]["S"], "erase");
        assert!(self.house.fake.contents().nodes.is_empty());
        assert_eq!(self.objects().read(teen).await.unwrap(), None);
        assert!(!self.accounts().await.contains(&teen.to_string()));
        assert!(!listed(&self.bucket).await.contains("<Key>"));
    }
}

/// The message that wakes whoever erases.
pub(super) fn wake(teen: TeenId) -> String {
    delivery(&PrivacyJob::first(PrivacyTask::Erase { teen }).to_body())
}

/// A delivery of one message.
pub(super) fn delivery(body: &str) -> String {
    json!({"Records": [{"messageId": "m0", "eventSource": "aws:sqs", "body": body}]}).to_string()
}

pub(super) fn answered(outcome: Outcome) -> Value {
    match outcome {
        Outcome::Answered(body) => serde_json::from_str(&body).unwrap(),
        other => panic!("no answer: {other:?}"),
    }
}

pub(super) fn nothing_again() -> Value {
    json!({"batchItemFailures": []})
}

pub(super) async fn cognito(operation: &str, body: Value) -> Value {
    let target = format!("AWSCognitoIdentityProviderService.{operation}");
    call("S3", ("cognito-idp", &target), body).await
}

async fn put_bucket(bucket: &str) {
    let answer = s3(reqwest::Method::PUT, bucket).await;
    assert!(answer.status().is_success(), "{}", answer.status());
}

/// What the bucket lists.
pub(super) async fn listed(bucket: &str) -> String {
    s3(reqwest::Method::GET, bucket).await.text().await.unwrap()
}

async fn s3(method: reqwest::Method, path: &str) -> reqwest::Response {
    let signed = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, \
                  SignedHeaders=host, Signature=none";
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let asked = client
        .request(method, format!("{}/{path}", address(MOTO)))
        .header("x-amz-date", "20260101T000000Z")
        .header("authorization", signed);
    asked.send().await.unwrap()
}
