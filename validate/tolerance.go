package validate

import "fmt"

// Tolerance is how much of what breaks the rules of its format a file may break. Under
// none of them does a picture pass of which a pixel is missing.
type Tolerance int

const (
	// Normal takes what every mainstream viewer shows whole and without an error, and
	// puts what it forgives into Result.Warnings.
	Normal Tolerance = iota
	// Strict refuses what Normal warns of: for files that you or a partner made, and
	// where nothing may hide behind a picture.
	Strict
	// Lenient also takes what a browser shows whole although the file ends too early or
	// a checksum behind its last pixel is wrong.
	Lenient
)

// tolerances are the names of the settings.
func tolerances() [3]string {
	return [...]string{Normal: "normal", Strict: "strict", Lenient: "lenient"}
}

// valid reports whether t is one of the three.
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
