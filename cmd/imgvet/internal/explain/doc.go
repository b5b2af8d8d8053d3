// Package explain is "imgvet explain": what each documented code and each reason
// means, and what to do about it. Its table of reasons names the rules of a SARIF
// report, too.
package explain
