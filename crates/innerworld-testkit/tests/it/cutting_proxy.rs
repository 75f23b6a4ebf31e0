//! The proxy that cuts, in front of a server that counts.

use innerworld_testkit::{
    cutting_proxy::{Cut, CuttingProxy},
    hostile_upstream::{Act, HostileUpstream, response},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

async fn server() -> (HostileUpstream, CuttingProxy) {
    let mut script = response("200 OK", &["connection: close"], "heard");
    script.push(Act::Close);
    let server = HostileUpstream::start([script]).await;
    let proxy = CuttingProxy::start(&server.address().to_string()).await;
    (server, proxy)
}

/// Whether a request was answered.
async fn ask(proxy: &CuttingProxy) -> bool {
    let address = proxy.base_url();
    let address = address.trim_start_matches("http://");
    let Ok(mut stream) = TcpStream::connect(address).await else {
        return false;
    };
    let request = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello";
    if stream.write_all(request).await.is_err() {
        return false;
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok();
    answer.ends_with("heard")
}

#[tokio::test]
async fn requests_pass_until_it_is_cut_and_again_once_it_is_mended() {
    for (cut, heard, last) in [
        (Cut::Request, 2, false),
        (Cut::Answer, 3, false),
        (Cut::OneAnswer, 4, true),
    ] {
        let (server, proxy) = server().await;
        proxy.cut_after(2, cut);
        let mut answers = Vec::new();
        for _ in 0..4 {
            answers.push(ask(&proxy).await);
        }
        assert_eq!(answers, [true, true, false, last]);
        assert!(proxy.was_cut());
        assert_eq!((server.requests().len(), proxy.requests()), (heard, 4));
        proxy.mend();
        assert!(ask(&proxy).await);
        let last = server.requests().pop().unwrap();
        assert_eq!(
            (last.line.as_str(), last.body.as_slice()),
            ("POST /", &b"hello"[..])
        );
    }
}

#[tokio::test]
async fn one_request_is_held_and_others_pass_it() {
    let (server, proxy) = server().await;
    proxy.hold_after(0);
    let others = async {
        proxy.holds().await;
        assert!(ask(&proxy).await);
        assert_eq!(server.requests().len(), 1);
        proxy.mend();
    };
    let (held, ()) = tokio::join!(ask(&proxy), others);
    assert!(held);
    assert_eq!(server.requests().len(), 2);
    assert!(!proxy.was_cut());
}
