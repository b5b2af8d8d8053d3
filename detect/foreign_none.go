//go:build imgvet_browser

package detect

// foreignType names nothing. This is for browsers, where nobody reads the log and the table of
// all the world's types would be an eighth of the download.
func foreignType([]byte) string { return "application/octet-stream" }
