package readings

// The classes of what stands before the body: method, type, Connection.

// methodReadings send a form by other methods than POST. Routers that know no
// methods, and frameworks that fold their case, hand the body to the handler all
// the same.
func methodReadings(s *Sheet) {
	body := Form(s.File(s.Picture), s.badFile())
	for _, m := range []struct{ method, why string }{
		{"DELETE", "RFC 9110, 9.3.5: content is allowed, without meaning"},
		{"GET", "RFC 9110, 9.3.1: a body has no meaning, and most parsers read it"},
		{"OPTIONS", "RFC 9110, 9.3.7: content is allowed"},
		{"QUERY", "a method with a body by design"},
		{"PROPFIND", "RFC 4918: a method with a body"},
		{"REPORT", "RFC 3253: a method with a body"},
		{"SEARCH", "RFC 5323: a method with a body"},
		{"PURGE", "a method of caches"},
		{"LINK", "RFC 2068"},
		{"M-SEARCH", "a method with a hyphen, of UPnP"},
		{"MKCOL", "RFC 4918"},
		{"UPLOAD", "a method that nobody knows"},
		{"post", "RFC 9110, 9.1: methods are case-sensitive; flask and Django fold them"},
		{"Post", "the same"},
		{"pOST", "the same"},
		{"put", "the same"},
		{"Patch", "the same"},
		{"delete", "the same"},
		{"get", "the same"},
	} {
		s.add(Request{Name: m.method, Why: m.why, Method: m.method, Body: body, Files: [][]byte{s.Picture}})
	}
	for _, method := range []string{"DELETE", "GET", "post"} {
		s.add(Request{
			Name: method + " in chunks", Why: "a body without a Content-Length", Method: method, Body: body,
			Files: [][]byte{s.Picture}, Chunked: true,
		})
	}
	s.add(Request{
		Name: "method override", Why: "rack and many frameworks take the method from a header", Method: "GET", Body: body,
		Header: append(contentType("multipart/form-data; boundary="+formBoundary), [2]string{"X-HTTP-Method-Override", "POST"}),
		Files:  [][]byte{s.Picture},
	})

	good := Form(s.File(s.Picture), s.Text("more", Note))
	for _, method := range []string{"POST", "PUT", "PATCH"} {
		s.add(Request{Name: "good " + method, Why: "browsers and curl -X", Method: method, Body: good, Files: [][]byte{s.Picture}, OK: true})
		s.add(Request{
			Name: "good " + method + " in chunks", Why: "Node streams", Method: method, Body: good,
			Files: [][]byte{s.Picture}, OK: true, Chunked: true,
		})
	}
	for _, method := range []string{"GET", "DELETE", "OPTIONS"} {
		s.add(Request{Name: "good " + method, Why: "a request without a body", Method: method, OK: true})
	}
	s.add(Request{
		Name: "good GET with a type", Why: "jQuery and some SDKs name a type without a body", Method: "GET",
		Header: contentType("application/json"), OK: true,
	})
}

// typeReadings are a picture by the type that one parser reads, and a form by the
// type that another one finds in the same header. The picture holds the form.
func typeReadings(s *Sheet) {
	polyglot := Hiding(s.inner(Evil))
	for _, x := range []struct{ name, header, why string }{
		{"list, picture first", "image/png, multipart/form-data; boundary=evil", "formidable and falcon look for multipart anywhere in the header"},
		{"list, bytes first", "application/octet-stream, multipart/form-data; boundary=evil", "the same"},
		{"list, without a blank", "image/png,multipart/form-data;boundary=evil", "the same"},
		{"form as a parameter", "image/png; multipart/form-data; boundary=evil", "the same"},
		{"form as a value", "image/png; x=multipart/form-data; boundary=evil", "the same"},
		{"form in quotes", `image/png; x="multipart/form-data; boundary=evil"`, "the same; the boundary ends with the quote"},
		{"image/multipart", "image/multipart; boundary=evil", "formidable takes any type with multipart in it"},
		{"image/x-multipart", "image/x-multipart; boundary=evil", "the same"},
		{"image/multipart/form-data", "image/multipart/form-data; boundary=evil", "the same"},
		{"picture with a boundary", "image/png; boundary=evil", "a parser that asks for the boundary alone"},
		{"bytes with a boundary", "application/octet-stream; boundary=evil", "the same"},
		{"multipart/mixed", "multipart/mixed; boundary=evil", "Java, multiparty and cgi take any multipart"},
		{"multipart/related", "multipart/related; boundary=evil", "the same"},
		{"multipart/form-data-x", "multipart/form-data-x; boundary=evil", "a parser that compares a prefix"},
		{"multipart/", "multipart/; boundary=evil", "the same"},
		{"multipart/x-form-data", "multipart/x-form-data; boundary=evil", "a parser that looks for form-data anywhere"},
		{"application/form-data", "application/form-data; boundary=evil", "the same"},
		{"application/x-multipart", "application/multipart-form-data; boundary=evil", "a parser that looks for multipart anywhere"},
		{"urlencoded with a boundary", "application/x-www-form-urlencoded, multipart/form-data; boundary=evil", "the same, and urlencoded to others"},
		{"form behind a semicolon", "; multipart/form-data; boundary=evil", "an empty type"},
		{"text/plain", "text/plain; multipart/form-data; boundary=evil", "no form and no picture by its first word"},
	} {
		s.add(Request{Name: x.name, Why: x.why, Header: contentType(x.header), Body: polyglot, Files: [][]byte{polyglot}})
		s.add(Request{Name: x.name + ", no picture", Why: x.why, Header: contentType(x.header), Body: s.whole(Evil)})
	}
	for _, x := range []struct{ name, header, why string }{
		{"no type", "", "a form without a type"},
		{"JSON", "application/json", "a form with the type of something else"},
		{"urlencoded", "application/x-www-form-urlencoded", "the same"},
		{"text", "text/plain", "the same"},
	} {
		s.add(Request{Name: x.name + ", no picture", Why: x.why, Header: contentType(x.header), Body: s.whole(Evil)})
	}
	kind := "multipart/form-data; boundary=evil"
	for _, x := range []struct {
		name, why string
		header    [][2]string
	}{
		{"two lines, picture first", "which of two headers counts", [][2]string{{"Content-Type", "image/png"}, {"Content-Type", kind}}},
		{"two lines, form first", "which of two headers counts", [][2]string{{"Content-Type", kind}, {"Content-Type", "image/png"}}},
		{"two lines, first empty", "which of two headers counts", [][2]string{{"Content-Type", ""}, {"Content-Type", kind}}},
		{"underscore", "CGI and WSGI cannot tell it from a hyphen", [][2]string{{"Content-Type", "image/png"}, {"Content_Type", kind}}},
		{"underscore first", "the same", [][2]string{{"Content_Type", kind}, {"Content-Type", "image/png"}}},
		{"folded", "RFC 9112, 5.2: the second line belongs to the first", [][2]string{{"Content-Type", "image/png,\r\n " + kind}}},
		{"folded, blank first line", "the same", [][2]string{{"Content-Type", "\r\n " + kind}, {"X", "y"}}},
		{"blank before the colon", "RFC 9112, 5.1: to be refused", [][2]string{{"Content-Type", "image/png"}, {"Content-Type ", kind}}},
	} {
		s.add(Request{Name: x.name, Why: x.why, Header: x.header, Body: polyglot, Files: [][]byte{polyglot}})
	}
	good := Form(s.File(s.Picture))
	for _, x := range []struct{ name, header, why string }{
		{"blank before the semicolon", "multipart/form-data ; boundary=" + formBoundary, "a parser that compares the type with its blank"},
		{"tab behind the semicolon", "multipart/form-data;\tboundary=" + formBoundary, "a parser that knows blanks only"},
		{"capitals", "MULTIPART/FORM-DATA; BOUNDARY=" + formBoundary, "a parser that compares letter by letter"},
		{"semicolon behind", "multipart/form-data; boundary=" + formBoundary + ";", "an empty parameter"},
		{"comma behind", "multipart/form-data; boundary=" + formBoundary + ",", "a list with an empty member"},
		{"blank inside the type", "multipart/ form-data; boundary=" + formBoundary, "a type of two words"},
	} {
		s.add(Request{Name: x.name, Why: x.why, Header: contentType(x.header), Body: good, Files: [][]byte{s.Picture}})
	}
	for _, x := range []struct{ name, header, why string }{
		{"good, no blank", "multipart/form-data;boundary=" + formBoundary, "Go's older clients, XMLHttpRequest polyfills"},
		{"good, quotes", `multipart/form-data; boundary="` + formBoundary + `"`, ".NET's MultipartFormDataContent"},
		{"good, charset behind", "multipart/form-data; boundary=" + formBoundary + "; charset=utf-8", "clients that set a charset for all types"},
		{"good, charset before", "multipart/form-data; charset=UTF-8; boundary=" + formBoundary, "Apache HttpClient with a charset"},
	} {
		s.add(Request{Name: x.name, Why: x.why, Header: contentType(x.header), Body: good, Files: [][]byte{s.Picture}, OK: true})
	}
}

// connectionReadings name a header in Connection, so that a proxy drops it behind
// the check (RFC 9110, 7.6.1). What is left is another request.
func connectionReadings(s *Sheet) {
	kind := [2]string{"Content-Type", "multipart/form-data; boundary=" + formBoundary}
	good := Form(s.File(s.Picture))
	for _, x := range []struct{ name, why string }{
		{"Content-Type", "the type is gone behind the proxy, and a form is a raw file"},
		{"content-type", "names have no case"},
		{"close, Content-Type", "in a list"},
		{"keep-alive,Content-Type", "in a list without a blank"},
		{"Content-Type, close", "in front"},
		{"x,,content-TYPE ,", "empty members of a list, and a blank behind"},
		{"<TAB>Content-Type<TAB>", "tabs"},
		{"Content-Length", "the length is gone"},
		{"Content-Type, Content-Length", "both"},
		{"Transfer-Encoding, Content-Type", "both"},
		{"Content-Encoding, Content-Type", "both"},
	} {
		s.add(Request{
			Name: x.name, Why: x.why, Header: [][2]string{kind, {"Connection", s.spell(x.name)}}, Body: good, Files: [][]byte{s.Picture},
		})
	}
	polyglot := Hiding(s.inner(Evil))
	other := [2]string{"Content_Type", "multipart/form-data; boundary=evil"}
	for _, x := range []struct {
		name, why string
		header    [][2]string
	}{
		{"two lines", "the second of two lines", [][2]string{kind, {"Connection", "close"}, {"Connection", "Content-Type"}}},
		{"before the type", "the order of the lines", [][2]string{{"Connection", "Content-Type"}, kind}},
		{"Proxy-Connection", "what old proxies take for Connection", [][2]string{kind, {"Proxy-Connection", "Content-Type"}}},
	} {
		s.add(Request{Name: x.name, Why: x.why, Header: x.header, Body: good, Files: [][]byte{s.Picture}})
	}
	s.add(Request{
		Name: "in chunks", Why: "without a length", Header: [][2]string{kind, {"Connection", "Content-Type"}},
		Body: good, Chunked: true, Files: [][]byte{s.Picture},
	})
	s.add(Request{
		Name: "underscore takes over", Why: "the picture's type is dropped, and Content_Type is left for WSGI", Body: polyglot,
		Header: [][2]string{{"Content-Type", "image/png"}, other, {"Connection", "Content-Type"}}, Files: [][]byte{polyglot},
	})

	for _, v := range []string{"close", "keep-alive", "Keep-Alive, TE", "TE, close"} {
		s.add(Request{
			Name: "good " + v, Why: "HTTP/1.1 clients, libwww-perl", Header: [][2]string{kind, {"Connection", v}},
			Body: good, Files: [][]byte{s.Picture}, OK: true,
		})
	}
}
