// Package readings has the crafted requests: forms that multipart parsers read in two ways, class
// by class, and their harmless twins as clients send them.
package readings
