// Package png writes PNG files chunk by chunk (PNG, 3rd ed.). A chunk can lie about its length and
// its checksum; all else comes out true.
package png
