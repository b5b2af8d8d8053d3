// Package browser has the tests of imgvet's page and WebAssembly in a real browser:
// headless Chromium, driven by chromedp. They need the program chromium and skip,
// and say so, where it is missing. They build what they test:
//
//	cd web/browser && go test -v ./...
//
// With IMGVET_SHOTS set to a folder, the page is also drawn there as PNG files, at
// two widths and in both themes, for success and for each code.
//
// This is a module of its own so that nobody who uses imgvet gets chromedp.
package browser
