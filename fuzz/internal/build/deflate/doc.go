// Package deflate writes zlib and DEFLATE streams (RFC 1950, RFC 1951) code by code, so that no
// compressor has a say in the bytes and any code can be wrong.
package deflate
