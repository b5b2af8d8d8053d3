// Package web holds the files of imgvet for the browser: the verifiers compiled to
// WebAssembly, and the ES module around them. With them a page says what the server
// will say before a byte is sent, and shows a HEIC that the browser cannot.
//
// The files are made by
//
//	go run ./web/build
//
// in a clone of the repository, and embedded by whatever is compiled after that. A
// build without them still compiles; [Built] then says no. Serve [FS] by any path:
//
//	http.Handle("GET /imgvet/", http.StripPrefix("/imgvet/", http.FileServerFS(web.FS())))
//
// and import index.js from there. Its types, index.d.ts, are its documentation.
//
// # What it does not do
//
// A browser can be told to say anything, so its verdict is a service to the person
// who uploads, and never one to the server: check there again. Whoever does not
// import this package does not carry its files.
package web
