// Package bmp writes BMP files with headers of any size ([MS-WMF] 2.2.2). Sizes and offsets come
// out true.
package bmp
