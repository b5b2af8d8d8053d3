// Package inflate decodes a zlib stream (RFC 1950, RFC 1951) for a reader that looks at the
// bytes once and does not keep them.
//
// It is as strict as zlib's inflate: Huffman codes must be complete, distances must stay inside
// the data and inside the window that the header declares, and the Adler-32 must be right. It
// stops when its caller stops asking, so the caller's bound on the output bounds the work.
//
// Cost: a [Decoder] is some 150 KiB and allocates nothing. Its window is a fixed buffer, of
// which it lends spans of up to 128 KiB to the caller.
package inflate
