package verify

// Section is a part of a file, which may still be arriving.
type Section struct {
	B       []byte // its beginning, as far as the verifier may look
	in      *Input // nil if B is all of it
	at, end int    // of the part in the file
}

// SectionOf returns a Section that is in memory.
func SectionOf(b []byte) Section { return Section{B: b, end: len(b)} }

// Section returns the part of the file from byte at to byte end.
func (in *Input) Section(at, end int) Section {
	s := Section{in: in, at: at, end: end}
	s.show()
	return s
}

// Len returns how many bytes the Section has, whether they have arrived or not.
func (s *Section) Len() int { return s.end - s.at }

// From returns the Section without its first n bytes, and Until its first n bytes.
func (s *Section) From(n int) Section {
	return Section{s.B[min(n, len(s.B)):], s.in, s.at + n, s.end}
}

// Until returns the first n bytes of the Section.
func (s *Section) Until(n int) Section {
	return Section{s.B[:min(n, len(s.B))], s.in, s.at, s.at + n}
}

// Reach waits until B has n bytes. It returns false if the Section or the file ends before, or
// the Input has stopped.
func (s *Section) Reach(n int) bool {
	for len(s.B) < n {
		if !s.More() {
			return false
		}
	}
	return true
}

// More waits until B is longer than it is. It returns false if the Section or the file ends, or
// the Input has stopped.
func (s *Section) More() bool {
	if len(s.B) == s.Len() || s.in == nil || !s.in.Reach(s.at+len(s.B)+1) {
		return false
	}
	s.show()
	return true
}

func (s *Section) show() {
	b := s.in.seen
	end := min(s.end, len(b))
	s.B = b[min(s.at, end):end:end]
}
