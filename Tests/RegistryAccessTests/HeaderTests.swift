import ByteStreams
import OCISpec
import RegistryAccess
import Testing

/// Values of HTTP's headers.
@Suite struct HeaderTests {
    @Test(arguments: [
        ("attachment; filename=\"a b.txt\"", "a b.txt"), ("attachment; filename=plain.txt", "plain.txt"),
        ("attachment; filename=\"x\"; filename*=UTF-8''a%20%e2%82%ac.txt", "a €.txt"),
        ("attachment; FILENAME = \"a\\\"b;c\"", "a\"b;c"), ("inline", nil), ("attachment; filename*=latin1''x", nil),
        ("attachment; filename*=UTF-8''%zz; filename=y", "y"), ("filename=x", nil), ("", nil),
        ("attachment; filename=../../etc/passwd", "../../etc/passwd"),
    ])
    func fileNames(_ header: String, _ name: String?) { #expect(ContentDisposition.fileName(header) == name) }

    @Test(arguments: [
        ("Wed, 21 Oct 2015 07:28:00 GMT", 1_445_412_480), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Thu, 1 Jan 1970 00:00:01 GMT", 1), ("Wednesday, 21-Oct-15 07:28:00 GMT", nil), ("yesterday", nil), ("", nil),
        ("Wed, 41 Oct 2015 07:28:00 GMT", nil), ("Wed, 21 Foo 2015 07:28:00 GMT", nil),
        ("Wed, 21 Oct 2015 07:28:00 CET", nil),
    ])
    func dates(_ text: String, _ seconds: Int64?) { #expect(HTTPDate.moment(text)?.seconds == seconds) }

    @Test func headersAreFoundWhateverTheirCase() {
        let headers = [HTTPHeader("ETag", "1"), HTTPHeader("etag", "2")]
        let response = HTTPResponse(status: 200, contentLength: nil, finalURL: "", headers: headers, body: Nothing())
        #expect(response.header("ETAG") == "1")
        #expect(response.header("Date") == nil)
    }
}

/// A body that is empty.
private final class Nothing: ByteSource {
    func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int { 0 }
}
