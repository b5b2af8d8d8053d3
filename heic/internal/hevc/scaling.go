package hevc

import (
	"github.com/imgvet/imgvet/heic/internal/recon"
)

// scalingListData reads scaling_list_data (7.3.4). The lists of inter blocks are
// checked, and not kept: those of intra blocks are never predicted from them.
func scalingListData(r *bitReader) *recon.Scaling {
	s := new(recon.Scaling)
	for sizeID := range 4 {
		step := 1
		if sizeID == 3 {
			step = 3
		}
		for matrixID := 0; matrixID < 6; matrixID += step {
			if r.err != nil {
				return nil
			}
			if !r.flag() { // scaling_list_pred_mode_flag
				delta := int(r.ue(uint32(matrixID/step), "scaling_list_pred_matrix_id_delta"))
				predictList(s, sizeID, matrixID, matrixID-delta*step, delta == 0)
				continue
			}
			readList(r, s, sizeID, matrixID)
		}
	}
	s.Finish()
	return s
}

// firstInter is the least matrixId of inter blocks (table 7-4). The intra ones are
// cIdx.
const firstInter = 3

// predictList makes a list that of another matrixId, or the default one.
func predictList(s *recon.Scaling, sizeID, matrixID, from int, byDefault bool) {
	switch {
	case matrixID >= firstInter:
	case byDefault:
		s.Default(sizeID, matrixID)
	default:
		s.List[sizeID][matrixID] = s.List[sizeID][from]
		s.DC[sizeID][matrixID] = s.DC[sizeID][from]
	}
}

// readList reads the factors of a list.
func readList(r *bitReader, s *recon.Scaling, sizeID, matrixID int) {
	next := int32(8)
	if sizeID > 1 {
		next = 8 + r.se(-7, 247, "scaling_list_dc_coef_minus8")
		if matrixID < firstInter {
			s.DC[sizeID][matrixID] = uint8(next)
		}
	}
	for i := range min(64, 16<<(2*sizeID)) {
		next = (next + r.se(-128, 127, "scaling_list_delta_coef") + 256) & 255
		if next == 0 { // 7.4.5: "shall be greater than 0"
			r.malformed("scaling list: factor of 0")
		}
		if matrixID < firstInter {
			s.List[sizeID][matrixID][i] = uint8(next)
		}
	}
}
