// Package fuzz is a corruption kit for the tests of whoever takes pictures from
// strangers: hundreds of files that each deserve a known verdict, operations that
// damage a file in a repeatable way, bombs, a fuzz test in two lines, and a
// conformance run against any HTTP handler.
//
//	func TestUpload(t *testing.T) {
//		fuzz.Conform(t, myMiddleware(fuzz.Echo()), fuzz.ConformOptions{})
//	}
//
//	func FuzzUpload(f *testing.F) {
//		fuzz.Handler(f, myMiddleware(fuzz.Echo()), fuzz.ConformOptions{})
//	}
//
// [Cases] are the specifications turned into tests. Good files of every kind of
// the five formats; bad ones with one defect each, whose checksums were made
// right again so that the defect reaches the check that should find it; files at
// both sides of the limits of 10 MiB and of 220 million pixels; bombs; files of
// other types; files with something behind their end. Each says which section of
// which specification it keeps or breaks. All are built in code from some thirty
// small seeds, are the same bytes everywhere, and none is malware or looks like
// it: a bomb here is a small file that lies.
//
// [Corrupt] damages any file with operations that know the formats' structure:
// chunks, marker segments, boxes, size fields. Its results have no known verdict;
// they are for fuzzing, and for comparing two validators.
//
// [Readings] are about the request instead: over 800 that multipart parsers read in
// two ways, so that a check in front sees one file and the handler another, and the
// forms that real clients send, which must pass. They are sent as bytes, by Conform
// too if the handler behind the check answers which files it was given:
//
//	func TestParser(t *testing.T) {
//		handler := func(w http.ResponseWriter, r *http.Request) {
//			fuzz.ReportFiles(w, filesAsMyHandlerFindsThem(r))
//		}
//		fuzz.Conform(t, myMiddleware(http.HandlerFunc(handler)), fuzz.ConformOptions{Reports: true})
//	}
//
// What it costs: all cases take about a second to build, most of it the ones of
// 10 MiB; Conform takes some ten seconds, and less under -short; the readings add a
// second or two.
package fuzz
