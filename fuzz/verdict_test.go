package fuzz

// lacking are good cases that the decoders of Go and golang.org/x/image refuse.
var lacking = map[string]string{
	"bmp/bitfields_16_444":          "bit fields",
	"bmp/bitfields_16_bit_15":       "bit fields",
	"jpeg/app1_length_0":            "short segment length",
	"jpeg/app1_length_1":            "short segment length",
	"jpeg/com_length_0":             "short segment length",
	"jpeg/com_length_1":             "short segment length",
	"jpeg/components_1_1_2":         "repeated component identifier",
	"jpeg/dnl_before_the_frame":     "DNL",
	"jpeg/no_huffman_tables":        "the tables of annex K",
	"jpeg/no_huffman_tables_colour": "the tables of annex K",
	"png/plte_behind_idat_in_rgb":   "PLTE behind IDAT",
	"png/plte_not_threes_in_rgb":    "a PLTE length that is no multiple of 3",
	"png/trns_behind_idat":          "tRNS behind IDAT",
	"png/trns_of_5_bytes":           "a tRNS of the wrong length",
	"png/trns_twice":                "two tRNS",
	"png/plte_in_gray":              "PLTE in greyscale",
	"png/trns_before_plte_palette":  "tRNS before PLTE",
	"png/rows_a_byte_more":          "data behind the last row",
	"png/rows_twice":                "data behind the last row",
	"png/text_crc":                  "a wrong CRC of an ancillary chunk",
	"png/trns_before_plte_rgb":      "tRNS before PLTE",
	"jpeg/kind_arithmetic":          "arithmetic coding",

	"webp/kind_animated":                 "animation",
	"webp/rule_max_frames_4":             "animation",
	"webp/rule_max_frames_5":             "animation",
	"webp/rule_max_frames_6":             "animation",
	"webp/rule_stills_only":              "animation",
	"webp/kind_animated-lossless":        "animation",
	"webp/anmf_size_of_another_frame":    "animation",
	"bmp/v3_16_bit":                      "16 bits",
	"bmp/v3_16_bit_top_down":             "16 bits",
	"bmp/os2_1_1_bit":                    "OS/2 1.x header",
	"bmp/os2_1_4_bit":                    "OS/2 1.x header",
	"bmp/os2_1_8_bit":                    "OS/2 1.x header",
	"bmp/os2_1_24_bit":                   "OS/2 1.x header",
	"bmp/os2_2_header_16":                "OS/2 2.x header",
	"bmp/os2_2_header_48":                "OS/2 2.x header",
	"bmp/os2_2_header_64":                "OS/2 2.x header",
	"bmp/bitfields_565":                  "bit fields",
	"bmp/bitfields_888":                  "bit fields",
	"bmp/v2_bitfields":                   "V2 header",
	"bmp/v3_adobe_bitfields":             "V3 header of Adobe",
	"bmp/palette_for_24_bit":             "a colour table beside 24 bits",
	"bmp/gap":                            "a gap before the pixels",
	"bmp/rle8":                           "RLE8",
	"bmp/rle8_end_behind_the_last_pixel": "RLE8",
	"bmp/rle4":                           "RLE4",
	"bmp/rle8_top_down":                  "RLE8",
	"bmp/size_10485758_bytes":            "a gap before the pixels",
	"bmp/size_10485759_bytes":            "a gap before the pixels",
}

// lackingInLibheif are good cases that libheif 1.15 (Debian 12) refuses.
var lackingInLibheif = map[string]string{}

// costlyInLibheif are good cases that libheif 1.15 decodes once for each time that they
// name an item: a minute and gigabytes. Later versions bound that.
var costlyInLibheif = map[string]bool{
	"heic/pixels_220000000_repeated": true,
	"heic/layers_repeated_315":       true,
	"heic/layers_repeated_alpha":     true,
}
