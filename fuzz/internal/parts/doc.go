// Package parts takes a file apart: chunks, marker segments and boxes. It reads any bytes, broken
// ones too, and stops where the structure does. It judges nothing.
package parts
