// Products of FEAT_RDM, FEAT_DotProd and FEAT_I8MM: one of each row, and each arrangement once. Read by samples.test.ts.
	.arch armv8.6-a
	.text
	sqrdmlah v1.4h, v2.4h, v3.4h
	sqrdmlah v4.4s, v5.4s, v6.4s
	sqrdmlsh v7.8h, v8.8h, v9.8h
	sqrdmlsh v10.2s, v11.2s, v12.2s
	sqrdmlah h13, h14, h15
	sqrdmlah s16, s17, s18
	sqrdmlsh h19, h20, h21
	sqrdmlsh s22, s23, s24
	sqrdmlah v25.8h, v26.8h, v15.h[7]
	sqrdmlah v27.2s, v28.2s, v31.s[3]
	sqrdmlsh v29.4h, v30.4h, v1.h[0]
	sqrdmlsh v31.4s, v0.4s, v16.s[1]
	sqrdmlah h1, h2, v3.h[4]
	sqrdmlah s4, s5, v30.s[2]
	sqrdmlsh h6, h7, v8.h[5]
	sqrdmlsh s9, s10, v29.s[0]
	sdot v1.2s, v2.8b, v3.8b
	sdot v4.4s, v5.16b, v6.16b
	udot v7.2s, v8.8b, v9.8b
	udot v10.4s, v11.16b, v12.16b
	sdot v13.2s, v14.8b, v31.4b[3]
	sdot v15.4s, v16.16b, v17.4b[0]
	udot v18.2s, v19.8b, v20.4b[1]
	udot v21.4s, v22.16b, v23.4b[2]
	usdot v24.2s, v25.8b, v26.8b
	usdot v27.4s, v28.16b, v29.16b
	usdot v30.2s, v31.8b, v0.4b[2]
	usdot v1.4s, v2.16b, v31.4b[3]
	sudot v3.2s, v4.8b, v5.4b[1]
	sudot v6.4s, v7.16b, v30.4b[0]
	smmla v8.4s, v9.16b, v10.16b
	ummla v11.4s, v12.16b, v13.16b
	usmmla v14.4s, v15.16b, v16.16b
