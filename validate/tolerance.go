package validate

import "fmt"

// Tolerance is how far a file may break the rules of its format. Under none of them does a
// picture pass that lacks a pixel.
type Tolerance int

const (
	// Normal takes what every mainstream viewer shows whole and without an error. It reports
	// what it forgives in Result.Warnings.
	Normal Tolerance = iota
	// Strict refuses what Normal warns of. Use it for files that you or a partner made, and
	// where nothing may hide behind a picture.
	Strict
	// Lenient also takes a file that a browser shows whole although it ends too early, or
	// although a checksum after its last pixel is wrong.
	Lenient
)

// tolerances are the names of the settings.
func tolerances() [3]string {
	return [...]string{Normal: "normal", Strict: "strict", Lenient: "lenient"}
}

// valid reports whether t is one of the three settings.
func (t Tolerance) valid() bool { return Normal <= t && t <= Lenient }

// String returns "normal", "strict" or "lenient".
func (t Tolerance) String() string {
	if !t.valid() {
		return fmt.Sprintf("Tolerance(%d)", int(t))
	}
	return tolerances()[t]
}

// MarshalText returns what String does.
func (t Tolerance) MarshalText() ([]byte, error) {
	if !t.valid() {
		return nil, fmt.Errorf("validate: there is no %v", t)
	}
	return []byte(t.String()), nil
}

// UnmarshalText reads what MarshalText writes; nothing else is taken.
func (t *Tolerance) UnmarshalText(text []byte) error {
	for i, name := range tolerances() {
		if string(text) == name {
			*t = Tolerance(i)
			return nil
		}
	}
	return fmt.Errorf("validate: tolerance %q is not one of normal, strict, lenient", text)
}
