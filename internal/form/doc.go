// Package form reads multipart/form-data bodies (RFC 7578) in one pass, and takes
// only those that every parser reads alike.
//
// Parsers disagree about almost everything that the grammar of RFC 2046 leaves
// open: text before the first delimiter, a delimiter inside a line, folded header
// lines, a backslash or a semicolon in a name. Each disagreement lets a client show
// one file to whoever verifies a request and another to whoever handles it. This
// package does not follow the odd parsers one by one. It refuses what no real client sends:
//
//   - a Content-Type that is not one type with well-formed parameters, or a boundary
//     with characters other than letters, digits and _ . + = / : - * (see [ParseType]);
//   - "--boundary" anywhere but in a delimiter, and any byte before the first or after the
//     last delimiter except one line end;
//   - part headers that are not lines of "Name: value" ending in CRLF, headers other
//     than the four that forms have, and a header that occurs twice;
//   - a Content-Disposition with parameters other than name, filename and filename*,
//     and names with characters that parsers disagree on.
//
// [Canonical] writes an accepted form again in one plain spelling, for handlers whose parser
// nobody has examined.
//
// A [Reader] holds one window of the body in memory, whatever the body's size. It knows nothing
// about pictures, HTTP or limits on a body.
package form
