// Package form reads multipart/form-data bodies (RFC 7578) in one pass, and takes
// only those that every parser reads alike.
//
// Parsers disagree about almost everything that the grammar of RFC 2046 leaves
// open: text before the first delimiter, a delimiter inside a line, folded header
// lines, a backslash or a semicolon in a name. Each disagreement lets a client show
// one file to whoever verifies a request and another to whoever handles it. This
// package does not follow the odd parsers one by one. It refuses what no real
// client sends:
//
//   - a Content-Type that is not one type with well-formed parameters, or a boundary
//     of other characters than letters, digits and _ . + = / : - * (see [ParseType]);
//   - "--boundary" anywhere but at a delimiter's place, a byte before the first
//     delimiter but for one line end, a byte behind the last but for one line end;
//   - part headers that are not lines of "Name: value" that end in CRLF, of other
//     names than the four that forms have, or of one name twice;
//   - a Content-Disposition with other parameters than name, filename and filename*,
//     and names with characters that parsers disagree on.
//
// What it takes, [Canonical] writes again in one plain form, for handlers whose
// parser nobody has looked at.
//
// A [Reader] holds one window of the body in memory, whatever the body's size. It
// knows nothing of pictures, HTTP or limits on a body.
package form
