// Package inflate decodes a zlib stream (RFC 1950, RFC 1951) for a reader that
// needs to look at the bytes once and never to keep them.
//
// It is as strict as zlib's inflate: Huffman codes must be complete, distances
// must stay inside the data and inside the window that the header declares, and
// the Adler-32 must be right. It stops where its caller stops asking, so that
// the caller's own bound on the output bounds the work.
//
// Cost: a [Decoder] is some 150 KiB and allocates nothing. Its window is a
// fixed buffer from which spans of up to 128 KiB are lent to the caller.
package inflate
