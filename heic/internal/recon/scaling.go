package recon

// Scaling holds the scaling lists of intra blocks (7.4.5), in the order that they
// are coded in: by sizeId, 0 for 4x4 to 3 for 32x32, and component.
type Scaling struct {
	List [4][3][64]uint8 // the first 16 of 4x4
	DC   [4][3]uint8     // of 16x16 and 32x32

	factors [4][3][]uint8 // ScalingFactor, by y<<log2 | x
}

// Default sets a list to that of tables 7-5 and 7-6.
func (s *Scaling) Default(sizeID, comp int) {
	s.DC[sizeID][comp] = 16
	list := &s.List[sizeID][comp]
	if sizeID > 0 {
		*list = defaultList
		return
	}
	for i := range list {
		list[i] = 16
	}
}

// defaultList is table 7-6, for intra blocks.
var defaultList = [64]uint8{
	16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 17, 16, 17, 16, 17, 18,
	17, 18, 18, 17, 18, 21, 19, 20, 21, 20, 19, 21, 24, 22, 22, 24,
	24, 22, 22, 24, 25, 25, 27, 30, 27, 25, 25, 29, 31, 35, 35, 31,
	29, 36, 41, 44, 41, 36, 47, 54, 54, 47, 65, 70, 65, 88, 88, 115,
}

// DefaultScaling returns lists that are all those of tables 7-5 and 7-6.
func DefaultScaling() *Scaling {
	s := new(Scaling)
	for sizeID := range 4 {
		for comp := range 3 {
			s.Default(sizeID, comp)
		}
	}
	s.Finish()
	return s
}

// Finish derives ScalingFactor from the lists: equations 7-xx. The lists of 32x32
// chroma blocks, which only 4:4:4 has, are those of 16x16.
func (s *Scaling) Finish() {
	for comp := 1; comp < 3; comp++ {
		s.List[3][comp], s.DC[3][comp] = s.List[2][comp], s.DC[2][comp]
	}
	for sizeID := range 4 {
		for comp := range 3 {
			s.factors[sizeID][comp] = s.factor(sizeID, comp)
		}
	}
}

func (s *Scaling) factor(sizeID, comp int) []uint8 {
	log2 := uint(2 + sizeID)
	listSide, ratio := uint(3), uint(0) // log2 of the list's side, and of samples for each of its factors
	if sizeID == 0 {
		listSide = 2
	} else {
		ratio = log2 - 3
	}
	var at [64]uint8 // the list by place
	i := 0
	side := 1 << listSide
	for sum := range 2*side - 1 { // 6.5.3, up-right diagonal
		for x := range side {
			if y := sum - x; y >= 0 && y < side {
				at[y<<listSide|x] = s.List[sizeID][comp][i]
				i++
			}
		}
	}
	f := make([]uint8, 1<<(2*log2))
	for i := range f {
		x, y := uint(i)&(1<<log2-1), uint(i)>>log2
		f[i] = at[y>>ratio<<listSide|x>>ratio]
	}
	if sizeID > 1 {
		f[0] = s.DC[sizeID][comp]
	}
	return f
}
