<?php

use Illuminate\Database\Migrations\Migration;
use Illuminate\Support\Facades\DB;

return new class extends Migration
{
    public function up(): void
    {
        DB::statement('ALTER TABLE orders RENAME COLUMN total TO amount');
    }

    public function down(): void
    {
        DB::statement('ALTER TABLE orders RENAME COLUMN amount TO total');
    }
};
