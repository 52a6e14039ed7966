// The floating-point extensions beyond half precision: FEAT_FCMA, FEAT_FHM, FEAT_FRINTTS, FEAT_BF16, FEAT_JSCVT.
	.arch armv8.6-a+fp16fml+bf16
	.text
	fcadd v0.4h, v1.4h, v2.4h, #90
	fcadd v3.8h, v4.8h, v5.8h, #270
	fcadd v6.2s, v7.2s, v8.2s, #270
	fcadd v9.4s, v10.4s, v11.4s, #90
	fcadd v12.2d, v13.2d, v14.2d, #90
	fcmla v15.4h, v16.4h, v17.4h, #0
	fcmla v18.8h, v19.8h, v20.8h, #90
	fcmla v21.2s, v22.2s, v23.2s, #180
	fcmla v24.4s, v25.4s, v26.4s, #270
	fcmla v27.2d, v28.2d, v29.2d, #90
	fcmla v30.4h, v31.4h, v0.h[1], #0
	fcmla v1.8h, v2.8h, v3.h[3], #90
	fcmla v4.4s, v5.4s, v31.s[1], #180
	fcmla v6.4s, v7.4s, v8.s[0], #270
	fmlal v0.2s, v1.2h, v2.2h
	fmlal v3.4s, v4.4h, v5.4h
	fmlal2 v6.2s, v7.2h, v8.2h
	fmlal2 v9.4s, v10.4h, v11.4h
	fmlsl v12.2s, v13.2h, v14.2h
	fmlsl v15.4s, v16.4h, v17.4h
	fmlsl2 v18.2s, v19.2h, v20.2h
	fmlsl2 v21.4s, v22.4h, v23.4h
	fmlal v0.2s, v1.2h, v2.h[0]
	fmlal v3.4s, v4.4h, v15.h[7]
	fmlal2 v6.2s, v7.2h, v8.h[1]
	fmlal2 v9.4s, v10.4h, v11.h[6]
	fmlsl v12.2s, v13.2h, v14.h[2]
	fmlsl v15.4s, v16.4h, v1.h[5]
	fmlsl2 v18.2s, v19.2h, v2.h[3]
	fmlsl2 v21.4s, v22.4h, v3.h[4]
	frint32z v0.2s, v1.2s
	frint32z v2.4s, v3.4s
	frint32x v4.2d, v5.2d
	frint64z v6.2s, v7.2s
	frint64z v8.2d, v9.2d
	frint64x v10.4s, v11.4s
	frint32z s0, s1
	frint32x d2, d3
	frint64z d4, d5
	frint64x s6, s7
	fjcvtzs w0, d1
	bfcvt h0, s1
	bfcvtn v2.4h, v3.4s
	bfcvtn2 v4.8h, v5.4s
	bfdot v6.2s, v7.4h, v8.4h
	bfdot v9.4s, v10.8h, v11.8h
	bfdot v12.2s, v13.4h, v14.2h[3]
	bfdot v15.4s, v16.8h, v31.2h[0]
	bfmmla v17.4s, v18.8h, v19.8h
	bfmlalb v20.4s, v21.8h, v22.8h
	bfmlalt v23.4s, v24.8h, v25.8h
	bfmlalb v26.4s, v27.8h, v15.h[7]
	bfmlalt v28.4s, v29.8h, v0.h[2]
